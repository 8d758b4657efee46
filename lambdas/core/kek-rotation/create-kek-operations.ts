import { createDescribeKek, type DescribeKekDependencies } from './describe-kek';
import { createRequestKekRotation, type RequestKekRotationDependencies } from './request-kek-rotation';

export interface KekOperationsDependencies
  extends DescribeKekDependencies, Omit<RequestKekRotationDependencies, 'describeKek'> {}

/** Makes the operators' calls about the KEK. Each throws KeywardError alone, apart from defects. */
export function createKekOperations(deps: KekOperationsDependencies) {
  const describeKek = createDescribeKek(deps);
  return { describeKek, requestKekRotation: createRequestKekRotation({ ...deps, describeKek }) };
}
