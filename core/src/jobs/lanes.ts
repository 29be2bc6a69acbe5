import type { JobLane } from './job-lane.ts';
import type { LaneKey } from './job-upkeep.ts';

export const laneKey = ({ type, instance }: LaneKey): string => `${type} ${instance}`;

/** The lanes of this node by job and instance. */
export class Lanes {
  readonly #lanes = new Map<string, JobLane>();

  get(lane: LaneKey): JobLane | undefined {
    return this.#lanes.get(laneKey(lane));
  }
  all(): readonly JobLane[] {
    return [...this.#lanes.values()];
  }
  set(lane: JobLane): void {
    this.#lanes.set(laneKey(lane), lane);
  }
  /** false: another has taken its place. */
  delete(lane: JobLane): boolean {
    return this.get(lane) === lane && this.#lanes.delete(laneKey(lane));
  }
  /** Answers those that were here. */
  clear(): readonly JobLane[] {
    const all = this.all();
    this.#lanes.clear();
    return all;
  }

  /** By the text of `laneKey`, as other nodes send it. */
  pump(key: string): void {
    this.#lanes.get(key)?.pump();
  }
  pumpAll(): void {
    for (const lane of this.#lanes.values()) lane.pump();
  }
  cancel(id: string): void {
    for (const lane of this.#lanes.values()) lane.abort(id, 'cancel');
  }
  loseAllBut(kept: ReadonlySet<string>, renewed: number): void {
    for (const lane of this.#lanes.values()) lane.loseAllBut(kept, renewed);
  }
}
