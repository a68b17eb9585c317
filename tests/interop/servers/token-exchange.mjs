// Token exchange (RFC 8693), which oidc-provider leaves to its users.
import { errors } from 'oidc-provider';

const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const NAMES = ['subject_token', 'subject_token_type', 'requested_token_type', 'audience', 'scope'];

export function addTokenExchange(provider) {
  provider.registerGrantType(GRANT, async (ctx) => {
    const { params, client } = ctx.oidc;
    if (params.subject_token_type !== ACCESS_TOKEN) throw new errors.InvalidRequest('subject_token_type is not supported');
    if (params.requested_token_type && params.requested_token_type !== ACCESS_TOKEN) {
      throw new errors.InvalidRequest('requested_token_type is not supported');
    }
    const subject = await provider.AccessToken.find(params.subject_token ?? '');
    if (!subject) throw new errors.InvalidGrant('subject_token is not valid');
    if (params.audience === 'urn:example:forbidden') throw new errors.InvalidTarget();
    const scope = params.scope ?? subject.scope;
    const grant = new provider.Grant({ accountId: subject.accountId, clientId: client.clientId });
    grant.addOIDCScope(scope);
    const token = new provider.AccessToken({
      accountId: subject.accountId, client, gty: GRANT, scope, grantId: await grant.save() });
    ctx.body = {
      access_token: await token.save(), issued_token_type: ACCESS_TOKEN, token_type: 'Bearer',
      expires_in: token.expiration, scope,
    };
  }, NAMES);
}
