import { SearchAttributeType, TypedSearchAttributes, defineSearchAttributeKey } from '@temporalio/common';
import { SEARCH_ATTRIBUTE } from '@vitrine/contracts/names';

/** What whatever is started for a pipeline is found by. */
export function searchAttributes(project: string, pipeline: string): TypedSearchAttributes {
  const keyword = (name: string, value: string) => ({
    key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
    value,
  });
  return new TypedSearchAttributes([
    keyword(SEARCH_ATTRIBUTE.project, project),
    keyword(SEARCH_ATTRIBUTE.pipeline, pipeline),
  ]);
}
