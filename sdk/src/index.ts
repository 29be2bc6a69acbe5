export type {
  Access,
  ContractDef,
  JobDef,
  Labels,
  MetricDef,
  RouteDef,
  RouteKey,
  Status,
  VersionedConfig,
} from './contract/contract.ts';
export { bytes, flag, form, multipart, nothing, redirect, secret, sse, text, upload } from './contract/schema.ts';
export type {
  Cron,
  Duration,
  FileBody,
  In,
  Limit,
  Out,
  Schema,
  Size,
  SseMessage,
  Text,
  TypedBytes,
  UploadedFile,
} from './contract/schema.ts';
export type { Special } from './contract/schema.ts';
export { Authenticator, contribution, event, extensionPoint, optional, service } from './contract/token.ts';
export type {
  Audience,
  Contribution,
  DeliveryMode,
  EventToken,
  ExtensionPoint,
  Identity,
  OptionalService,
  Service,
  TokenId,
} from './contract/token.ts';
export { defineContract, defineRoutes } from './contract/define-contract.ts';
export { isUuid, uuidV7 } from './plugin/uuid.ts';
export { workerFile } from './plugin/worker-file.ts';
export type { WorkerFile } from './plugin/worker-file.ts';
export { definePlugin } from './plugin/define-plugin.ts';
export { ContractError, GiveUp, NeedsAuth, NotReady, Problem, problem, UpstreamError } from './errors.ts';
export type { Fault } from './errors.ts';
export type {
  Blobs,
  Clock,
  Cluster,
  Context,
  Limiter,
  Notice,
  Paths,
  SignedLink,
  Status as InstanceStatus,
} from './plugin/context.ts';
export type { PluginCache } from './plugin/cache.ts';
export { json } from './plugin/database.ts';
export type { Database, Sql, SqlJson, SqlValue, Transaction } from './plugin/database.ts';
export type { Contributions, Contributor } from './plugin/extensions.ts';
export type { Http, HttpInit, Upstream } from './plugin/http.ts';
export type { Delivery, EnqueueOptions, JobHandle, JobRun, JobState, Queue } from './plugin/job-run.ts';
export type { Implementation, JobHandler, Lifecycle, Listener, Plugin, RouteHandler } from './plugin/lifecycle.ts';
export type { Log } from './plugin/log.ts';
export type { Counter, Gauge, Histogram } from './plugin/metric-handles.ts';
export type { Cookie, Reply, ReplyInit, RouteRequest, User, Webhook } from './plugin/request.ts';
export { client } from './derive/client.ts';
export type { Call, ClientOptions } from './derive/client.ts';
export { configForm } from './derive/config-form.ts';
export type { ConfigField, ConfigForm } from './derive/config-form.ts';
export { configSchema, english, jsonSchema } from './derive/json-schema.ts';
export { manifest } from './derive/manifest.ts';
export { metricDocs } from './derive/metric-docs.ts';
export type { MetricDoc } from './derive/metric-docs.ts';
export { basePath, envName, metricName, permissionId, routePath, snake } from './derive/names.ts';
export { openapi } from './derive/openapi.ts';
export { report } from './derive/report.ts';
