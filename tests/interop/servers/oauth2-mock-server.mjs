// oauth2-mock-server, whose next answer is wrong in the way that was asked for:
//   POST /next {"event": "beforeResponse", "status": 500, "body": …, "merge": {…}, "remove": […], "query": {…}, "claims": {…}}
// Each is for one answer. The events are the server's own.
import { OAuth2Server } from 'oauth2-mock-server';
import { answer, ready } from './rig.mjs';

const EVENTS = ['beforeWellKnownOpenIdConfiguration', 'beforeAuthorizeRedirect', 'beforeTokenSigning', 'beforeResponse',
  'beforeUserinfo', 'beforeIntrospect', 'beforeRevoke'];

const server = new OAuth2Server();
await server.issuer.keys.generate('ES256');
await server.start(0, '127.0.0.1');
server.issuer.url = `http://127.0.0.1:${server.address().port}`;

const queues = Object.fromEntries(EVENTS.map((event) => [event, []]));
for (const event of EVENTS) {
  server.service.on(event, (target) => {
    const fault = queues[event].shift();
    if (!fault) return;
    if (fault.status) target.statusCode = fault.status;
    if ('body' in fault) target.body = fault.body;
    Object.assign(target.body ?? {}, fault.merge);
    Object.assign(target.payload ?? {}, fault.claims);
    for (const name of fault.remove ?? []) {
      delete target.body?.[name];
      target.url?.searchParams.delete(name);
    }
    for (const [name, value] of Object.entries(fault.query ?? {})) target.url.searchParams.set(name, value);
  });
}
server.service.addRoute('POST', '/next', (request, response) => {
  const { event, ...fault } = request.body;
  if (!queues[event]) return answer(response, 400, { events: EVENTS });
  queues[event].push(fault);
  return answer(response, 200, {});
});
ready({ issuer: server.issuer.url });
