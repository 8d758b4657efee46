import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';

/**
 * The firewall before the API: refuses an address that sends too much. It leaves bodies alone: of one behind API Gateway it can
 * look at 64 KB, so it would have to stop what is longer unseen, and above 16 KB each look is charged (AWS WAF Developer Guide,
 * "Considerations for managing body inspection in AWS WAF").
 */
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
      rules: [
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
