import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { MAX_BODY_BYTES } from '../../lambdas/core/contract/limits';

/** The firewall before the API: refuses what is too big, and an address that sends too much. */
export class WebAcl extends Construct {
  constructor(
    scope: Construct,
    id: string,
    props: { name: string; api: RestApi; requestsPerAddressIn5Minutes: number },
  ) {
    super(scope, id);
    const visibility = (metricName: string): CfnWebACL.VisibilityConfigProperty => ({
      cloudWatchMetricsEnabled: true,
      // A sample would keep headers, and with them signatures.
      sampledRequestsEnabled: false,
      metricName,
    });
    const acl = new CfnWebACL(this, 'acl', {
      name: props.name,
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: visibility(props.name),
      associationConfig: { requestBody: { API_GATEWAY: { defaultSizeInspectionLimit: 'KB_64' } } },
      rules: [
        {
          name: 'size',
          priority: 0,
          action: { block: {} },
          visibilityConfig: visibility(`${props.name}-size`),
          statement: {
            sizeConstraintStatement: {
              fieldToMatch: { body: { oversizeHandling: 'MATCH' } },
              comparisonOperator: 'GT',
              size: MAX_BODY_BYTES,
              textTransformations: [{ priority: 0, type: 'NONE' }],
            },
          },
        },
        {
          name: 'rate',
          priority: 1,
          action: { block: {} },
          visibilityConfig: visibility(`${props.name}-rate`),
          statement: {
            rateBasedStatement: {
              aggregateKeyType: 'IP',
              evaluationWindowSec: 300,
              limit: props.requestsPerAddressIn5Minutes,
            },
          },
        },
      ],
    });
    new CfnWebACLAssociation(this, 'association', {
      resourceArn: props.api.deploymentStage.stageArn,
      webAclArn: acl.attrArn,
    });
  }
}
