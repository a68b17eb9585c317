// Keycloak, with a realm that is made for the tests: its keys, its clients and Alice live as long as the process.
// KEYCLOAK names the folder that ./keycloak prints.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { api } from './api.mjs';
import { realm } from './keycloak-realm.mjs';
import { listen, ready } from './rig.mjs';

const NAME = 'valetkey';
const started = Date.now();
const resourceServer = await listen();
const { file, keys, decryption, secret } = realm(NAME, resourceServer.url);

// What the server writes is in a folder of its own, and what it is made of is read where it was unpacked.
const home = mkdtempSync(join(tmpdir(), 'keycloak-'));
for (const part of ['conf', 'lib', 'providers', 'themes']) symlinkSync(join(process.env.KEYCLOAK, part), join(home, part));
mkdirSync(join(home, 'data', 'import'), { recursive: true });
writeFileSync(join(home, 'data', 'import', `${NAME}-realm.json`), JSON.stringify(file));

// As bin/kc.sh does it, and without the shell between: so there is one process to end.
const opened = ['util', 'util.concurrent', 'security', 'lang'].map((name) => `--add-opens=java.base/java.${name}=ALL-UNNAMED`);
const java = ['java', '-Xms64m', '-Xmx512m', '-XX:MaxMetaspaceSize=256m', '-XX:TieredStopAtLevel=1', ...opened,
  `-Dkc.home.dir=${home}`, `-Djava.io.tmpdir=${home}`, '-Djava.util.logging.manager=org.jboss.logmanager.LogManager',
  '-Djava.util.concurrent.ForkJoinPool.common.threadFactory=io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory',
  '-cp', join(home, 'lib', 'quarkus-run.jar'), 'io.quarkus.bootstrap.runner.QuarkusEntryPoint'];
const options = ['start', '--optimized', '--import-realm', '--cache=local', '--http-enabled=true', '--http-host=127.0.0.1',
  '--http-port=0', '--hostname-strict=false'];
// The kernel ends it with this process, should this one be killed before it can.
const admin = { username: 'admin', password: randomUUID() };
const server = spawn('setpriv', ['--pdeathsig', 'KILL', ...java, ...options], {
  stdio: ['ignore', 'pipe', 'inherit'],
  env: { ...process.env, KC_BOOTSTRAP_ADMIN_USERNAME: admin.username, KC_BOOTSTRAP_ADMIN_PASSWORD: admin.password },
});
process.on('exit', () => {
  server.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
});
server.on('exit', (status, signal) => {
  console.error(`Keycloak ended: ${status ?? signal}`);
  process.exit(1);
});

// It says which port it got, and that the realm is there, in an order of its own.
let url, imported;
for await (const line of createInterface({ input: server.stdout })) {
  console.log(line);
  url ??= line.match(/Listening on: (http:\/\/127\.0\.0\.1:\d+)/)?.[1];
  imported ||= line.includes('Bootstrap completed');
  if (url && imported) break;
}
server.stdout.on('data', (text) => process.stdout.write(text)).resume();
console.log(`Keycloak serves after ${((Date.now() - started) / 1000).toFixed(1)} s`);

const issuer = `${url}/realms/${NAME}`;
resourceServer.handle(api(resourceServer.url, {
  issuer, client: 'basic', secret,
  jwks: `${issuer}/protocol/openid-connect/certs`,
  introspection: `${issuer}/protocol/openid-connect/token/introspect`,
}));
// Applications that are told of a log-out have a port that nobody knows before, so a test registers its own.
ready({ issuer, url, admin, realm: NAME, api: resourceServer.url, secret, keys, decryption });
