/**
 * What deploy/ holds for several replicas, without an engine: names that refer to each other meet, settings are settings,
 * and the container of the Deployment is carried out as a process that its own probes ask.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { settings } from '../src/config/settings.ts';
import { loadConfig } from '../src/config.ts';
import { newFolder } from './folder.ts';
import { CREDENTIALS, NOWHERE, start } from './program.ts';
import { startPostgres } from './store/server.ts';

const DEPLOY = fileURLToPath(new URL('../deploy/', import.meta.url));
const read = (path: string): string => readFileSync(join(DEPLOY, path), 'utf8');
const VARIABLES = settings.flatMap(({ setting: { env, mounted } }) =>
  env === undefined ? [] : mounted ? [env, `${env}_FILE`] : [env],
);
const dockerfile = readFileSync(new URL('../Dockerfile', import.meta.url), 'utf8');
const EXPOSED = Number(/^EXPOSE (\d+)$/m.exec(dockerfile)?.[1]);

const server = await startPostgres();
const directory = newFolder('deploy');
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await server?.stop();
});

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

interface Container {
  readonly args: readonly string[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly envFrom: readonly { readonly configMapRef: { readonly name: string } }[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly startupProbe: Probe;
  readonly readinessProbe: Probe;
  readonly livenessProbe: Probe;
  readonly lifecycle: { readonly preStop: { readonly exec: { readonly command: readonly string[] } } };
  readonly resources: { readonly requests: object; readonly limits: object };
  readonly securityContext: object;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

interface Pod {
  readonly securityContext: object;
  readonly terminationGracePeriodSeconds: number;
  readonly containers: readonly [Container];
  readonly volumes: readonly { readonly name: string; readonly secret?: { readonly secretName: string } }[];
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data: Readonly<Record<string, string>>;
  readonly spec: {
    readonly replicas: number;
    readonly minAvailable: number;
    readonly selector: Readonly<Record<string, unknown>>;
    readonly ports: readonly { readonly targetPort: string }[];
    readonly template: { readonly metadata: { readonly labels: object }; readonly spec: Pod };
  };
}

const manifests = readdirSync(join(DEPLOY, 'kubernetes')).flatMap((name) =>
  parseAllDocuments(read(`kubernetes/${name}`)).map((each) => {
    expect(each.errors, name).toEqual([]);
    return each.toJS() as Manifest;
  }),
);

function ofKind(kind: string): Manifest[] {
  const found = manifests.filter((each) => each.kind === kind);
  expect(found.length, kind).toBeGreaterThan(0);
  return found;
}

describe('kubernetes', () => {
  const [deployment] = ofKind('Deployment') as [Manifest];
  const { metadata, spec: pod } = deployment.spec.template;
  const [container] = pod.containers;
  const ports = new Map(container.ports.map(({ name, containerPort }) => [name, containerPort]));

  test('two replicas, of which a disruption leaves one', () => {
    expect(deployment.spec.replicas).toBe(2);
    expect(deployment.spec.selector).toEqual({ matchLabels: metadata.labels });
    expect(ofKind('PodDisruptionBudget')[0]?.spec).toEqual({
      minAvailable: 1,
      selector: { matchLabels: metadata.labels },
    });
  });

  test('an ordinary user who can write nothing', () => {
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000, fsGroup: 1000 });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(container.resources).toMatchObject({ requests: { memory: '192Mi' }, limits: { memory: '512Mi' } });
  });

  test('services lead to ports that are there', () => {
    for (const { spec } of ofKind('Service')) {
      expect(spec.selector).toEqual(metadata.labels);
      for (const { targetPort } of spec.ports) expect([...ports.keys()]).toContain(targetPort);
    }
    expect(ports.get('callback')).toBe(EXPOSED);
    expect(String(ports.get('operator'))).toBe(
      settings.find(({ setting }) => setting.env === 'OPERATOR_PORT')?.setting.fallback,
    );
  });

  test('every variable is a setting, every secret a file of the mounted volume', () => {
    const [configMap] = ofKind('ConfigMap');
    expect(container.envFrom).toEqual([{ configMapRef: { name: configMap?.metadata.name } }]);
    for (const name of [...Object.keys(configMap?.data ?? {}), ...container.env.map((each) => each.name)])
      expect(VARIABLES).toContain(name);
    const mounted = container.volumeMounts.find(({ name }) => name === 'secrets');
    const secret = pod.volumes.find(({ name }) => name === 'secrets')?.secret?.secretName;
    const [, command = ''] = /create secret generic (.*)$/m.exec(read('kubernetes/deployment.yaml')) ?? [];
    expect(command.split(' ')[0]).toBe(secret);
    const files = [...command.matchAll(/--from-file=(\S+)/g)].map(([, name]) => `${mounted?.mountPath}/${name}`);
    const wanted = container.env.filter(({ name }) => name.endsWith('_FILE')).map(({ value }) => value);
    expect(wanted.sort()).toEqual(files.sort());
  });

  test.skipIf(server === undefined)('carried out: the probes are answered, and the pod ends in time', async () => {
    const secrets = join(directory, 'secrets');
    mkdirSync(secrets);
    const values: Readonly<Record<string, string>> = {
      secret: CREDENTIALS.WECOM_SECRET,
      token: CREDENTIALS.WECOM_TOKEN,
      'aes-key': CREDENTIALS.WECOM_ENCODING_AES_KEY,
      'database-url': (await server?.createDatabase()) ?? '',
    };
    for (const [name, value] of Object.entries(values)) writeFileSync(join(secrets, name), `${value}\n`);
    const mountPath = container.volumeMounts.find(({ name }) => name === 'secrets')?.mountPath ?? '';
    const given = container.env.map(({ name, value }) => [name, value.replace(mountPath, secrets)]);
    const cwd = join(directory, 'app');
    mkdirSync(cwd);
    const program = start(container.args, {
      cwd,
      env: {
        ...ofKind('ConfigMap')[0]?.data,
        // In place of the sample's, which belong to nobody.
        WECOM_CORP_ID: CREDENTIALS.WECOM_CORP_ID,
        WECOM_AGENT_ID: CREDENTIALS.WECOM_AGENT_ID,
        ...Object.fromEntries(given),
        WECOM_API_BASE_URL: NOWHERE,
        OPERATOR_HOST: '127.0.0.1',
        HOST: '127.0.0.1',
        PORT: '0',
        OPERATOR_PORT: '0',
      },
    });
    try {
      const { port, operatorPort } = await program.logs('listening');
      for (const { httpGet } of [container.startupProbe, container.readinessProbe, container.livenessProbe]) {
        expect([...ports.keys()]).toContain(httpGet.port);
        const at = httpGet.port === 'operator' ? operatorPort : port;
        expect((await fetch(`http://127.0.0.1:${at}${httpGet.path}`)).status).toBe(200);
      }
    } finally {
      program.kill('SIGTERM');
    }
    expect((await program.ended).code).toBe(0);
    expect(readdirSync(cwd)).toEqual([]);
    const { command } = container.lifecycle.preStop.exec;
    expect(spawnSync(command[0] ?? '', ['--version']).status).toBe(0);
    expect(Number(command[1]) + 10).toBeLessThan(pod.terminationGracePeriodSeconds);
  });
});

describe('compose.replicas.yml', () => {
  interface Service {
    readonly deploy?: { readonly replicas: number };
    readonly environment?: Readonly<Record<string, string>>;
    readonly secrets?: readonly string[];
    readonly expose?: readonly string[];
    readonly ports?: readonly string[];
    readonly volumes?: readonly string[];
    readonly depends_on?: object;
  }
  const compose = parse(read('compose.replicas.yml')) as {
    readonly services: Readonly<Record<'bot' | 'proxy' | 'db', Service>>;
    readonly secrets: Readonly<Record<string, { readonly file: string }>>;
    readonly volumes: object;
  };
  const { bot, proxy, db } = compose.services;
  const nginx = read('nginx.conf');

  test('two replicas behind a proxy, on one database', () => {
    expect(bot.deploy?.replicas).toBe(2);
    for (const name of Object.keys(bot.environment ?? {})) expect(VARIABLES).toContain(name);
    expect(Object.keys(bot.depends_on ?? {})).toEqual(['db']);
    expect([bot.ports, db.ports]).toEqual([undefined, undefined]);
    const [address] = /postgres:\/\/\S+?(?=）)/.exec(read('compose.replicas.yml')) ?? [];
    expect(new URL(address ?? '')).toMatchObject({
      username: db.environment?.POSTGRES_USER,
      hostname: 'db',
      pathname: `/${db.environment?.POSTGRES_DB}`,
    });
  });

  test('secrets are files, declared, used, and told of', () => {
    const used = [bot, proxy, db].flatMap(({ environment = {}, secrets = [] }) => {
      const paths = Object.values(environment).filter((value) => value.startsWith('/run/secrets/'));
      expect(paths.sort()).toEqual(secrets.map((name) => `/run/secrets/${name}`).sort());
      return secrets;
    });
    expect(used.sort()).toEqual(Object.keys(compose.secrets).sort());
    const [head = ''] = read('compose.replicas.yml').split('services:');
    for (const { file } of Object.values(compose.secrets)) expect(head).toContain(file.replace('./', ''));
  });

  test('the proxy sends the callback, and nothing but it, to the bots', async () => {
    expect(existsSync(join(DEPLOY, proxy.volumes?.[0]?.split(':')[0] ?? ''))).toBe(true);
    const { callbackPath } = (
      await loadConfig(CREDENTIALS, () => {
        throw Object.assign(new Error('no file'), { code: 'ENOENT' });
      })
    ).server;
    const locations = [...nginx.matchAll(/^ *location (.*) \{/gm)].map(([, match]) => match);
    expect(locations).toEqual([`= ${callbackPath}`, '= /healthz', '/']);
    const all = (pattern: RegExp) => {
      const found = [...nginx.matchAll(pattern)];
      expect(found, String(pattern)).not.toEqual([]);
      return found;
    };
    for (const [, host, port] of all(/http:\/\/(\w+):(\d+)/g)) {
      expect(Object.keys(compose.services)).toContain(host);
      expect(bot.expose).toContain(port);
    }
    // With a path behind it, the address would be decoded and written anew, and the signature be wrong.
    for (const [, target] of all(/proxy_pass (.*);/g)) expect(target).toBe('$bot');
    for (const [, path = ''] of all(/ssl_certificate(?:_key)? \/etc\/nginx\/tls\/(\S+);/g))
      expect(read('compose.replicas.yml')).toContain(`tls/${path}`);
  });

  const there = ['nginx', 'openssl'].every((command) => spawnSync(command, ['version']).error === undefined);
  test.skipIf(!there)('nginx takes its configuration', () => {
    const tls = join(directory, 'tls');
    mkdirSync(tls);
    const key = ['-keyout', join(tls, 'privkey.pem'), '-out', join(tls, 'fullchain.pem')];
    spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=x', ...key]);
    const file = join(directory, 'nginx.conf');
    writeFileSync(file, nginx.replaceAll('/etc/nginx/tls', tls).replace('/run/nginx.pid', join(directory, 'pid')));
    const { status, stderr } = spawnSync('nginx', ['-t', '-c', file], { encoding: 'utf8' });
    expect({ status, stderr }).toMatchObject({ status: 0, stderr: expect.stringContaining('test is successful') });
  });
});
