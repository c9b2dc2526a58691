import type { LineSubject } from './line.ts';

/** The published service types, by the words in the names of services. */
const PUBLISHED: readonly (readonly [RegExp, string])[] = [
  [/\bpostgre(s|sql)\b|\bpg\b/i, 'pg'],
  [/\bmysql\b/i, 'mysql'],
  [/\bvalkey\b/i, 'valkey'],
  [/\bdragonfly\b/i, 'dragonfly'],
  [/\bclickhouse\b/i, 'clickhouse'],
  [/\bopensearch\b/i, 'opensearch'],
  [/\belasticsearch\b/i, 'elasticsearch'],
  [/\bkafka connect\b/i, 'kafka_connect'],
  [/\bmirror ?maker\b/i, 'kafka_mirrormaker'],
  [/\bkafka\b|\bMSK\b/i, 'kafka'],
  [/\bflink\b/i, 'flink'],
  [/\bgrafana\b/i, 'grafana'],
];

/**
 * A line's service type as the published API names it. FOCUS knows only categories, such as Databases, so the published
 * type follows from the name of the service. Null without a service type; the category where nothing published is meant.
 */
export function publishedServiceType({
  serviceName,
  serviceType,
}: Pick<LineSubject, 'serviceName' | 'serviceType'>): string | null {
  if (serviceType === null) return null;
  return PUBLISHED.find(([product]) => product.test(serviceName))?.[1] ?? serviceType;
}
