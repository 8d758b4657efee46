import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';

/**
 * The web firewall of the API: blocks an address that sends too many requests. It does not inspect bodies: for API Gateway it
 * inspects at most 64 KB, so it would have to block longer bodies, and above 16 KB inspection costs extra (AWS WAF Developer
 * Guide, "Considerations for managing body inspection in AWS WAF").
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
      // Sampled requests would store headers, and with them signatures.
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
