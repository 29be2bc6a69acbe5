/** Says what is wrong, where, and how to mend it. */
export type Report = (where: string, wrong: string, cure: string) => void;

const DURATION = /^\d+(\.\d+)?(ms|s|m|h|d)$/;
const LIMIT = /^[1-9]\d*\/(?:\d+(?:\.\d+)?(?:ms|s|m|h|d)|s|m|h|d)$/;
const SIZE = /^\d+(?:\.\d+)?(?:KB|MB|GB)$/;
/** Numbers with ranges, lists and steps, or three-letter names of months and weekdays. */
const CRON_FIELD = /^(?:[\d*/,-]+|[A-Za-z]{3}(?:[-,][A-Za-z]{3})*)$/;

/** Whether a text is a duration such as '30s'. */
export const isDuration = (text: string): boolean => DURATION.test(text);
/** Whether a text is a limit such as '5/15m'. */
export const isLimit = (text: string): boolean => LIMIT.test(text);
/** Whether a text is a size such as '2MB'. */
export const isSize = (text: string): boolean => SIZE.test(text);
/** Whether a text has the five fields of a cron line; what the fields hold is for the scheduler to read. */
export const isCron = (text: string): boolean => {
  const fields = text.trim().split(/\s+/);
  return fields.length === 5 && fields.every((field) => CRON_FIELD.test(field));
};
