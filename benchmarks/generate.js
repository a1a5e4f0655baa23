// Writes a CDK program that makes the resources of templates with typed L1s and literal values.
//
//   node generate.js PROGRAM TEMPLATE...
//
// It prints how many resources are typed. One whose type aws-cdk-lib does not know, or whose
// properties would come out changed, is written as a plain CfnResource.
"use strict";

const fs = require("fs");
const path = require("path");
const { isDeepStrictEqual } = require("util");
const cdk = require("aws-cdk-lib");

const SUFFIX = ".template.json";
// What a stack adds by itself.
const OF_THE_STACK = { Parameters: "BootstrapVersion", Rules: "CheckBootstrapVersion" };
const PARSER = { parseValue: withTokens, handleAttributes: () => undefined };

const functions = new Map();
const modules = new Map();
const counts = { typed: 0, generic: 0 };

function main(program, templates) {
  const stacks = templates.map(stackOf);
  const requires = [...modules].map(([name, module]) => `const ${name} = require("aws-cdk-lib/${module}");`);
  fs.writeFileSync(
    program,
    `"use strict";
const cdk = require("aws-cdk-lib");
${requires.join("\n")}

const { asAny, asList, asNumber, asString } = cdk.Token;

class Sections extends cdk.CfnElement {
  constructor(scope, sections) {
    super(scope, "Sections");
    this.sections = sections;
  }

  _toCloudFormation() {
    return this.sections;
  }
}

const app = new cdk.App();
${stacks.join("\n")}
app.synth();
`,
  );
  process.stdout.write(JSON.stringify(counts));
}

function stackOf(file) {
  const { Resources, Description, ...sections } = JSON.parse(fs.readFileSync(file, "utf-8"));
  const isDeployed = OF_THE_STACK.Parameters in (sections.Parameters ?? {});
  for (const [section, name] of Object.entries(OF_THE_STACK)) {
    delete sections[section]?.[name];
  }
  const scratch = new cdk.Stack(new cdk.App(), "Scratch");
  const resources = Object.entries(Resources).map(([id, resource]) => resourceOf(scratch, id, resource));
  return `{
  const stack = new cdk.Stack(app, ${literal(path.basename(file, SUFFIX).replaceAll(".", "-"))}, {
    description: ${literal(Description)},
    synthesizer: new cdk.DefaultStackSynthesizer({ generateBootstrapVersionRule: ${isDeployed} }),
  });
  new Sections(stack, ${literal(sections)});
  let resource;
${resources.join("\n")}
}`;
}

function resourceOf(scratch, id, { Type, Properties, Metadata, DeletionPolicy, UpdateReplacePolicy, ...others }) {
  const { "aws:cdk:path": _, ...metadata } = Metadata ?? {};
  const lines = [`resource = ${creation(scratch, id, Type, Properties ?? {})};`];
  if (DeletionPolicy) lines.push(`resource.cfnOptions.deletionPolicy = ${literal(DeletionPolicy)};`);
  if (UpdateReplacePolicy) lines.push(`resource.cfnOptions.updateReplacePolicy = ${literal(UpdateReplacePolicy)};`);
  if (Object.keys(metadata).length) lines.push(`resource.cfnOptions.metadata = ${literal(metadata)};`);
  for (const [name, value] of Object.entries(others)) {
    lines.push(`resource.addOverride(${literal(name)}, ${literal(value)});`);
  }
  return lines.map((line) => `  ${line}`).join("\n");
}

function creation(scratch, id, type, properties) {
  const [vendor, service, name] = type.split("::");
  const module = `aws-${service.toLowerCase()}`;
  const L1 = vendor === "AWS" ? typedClass(module, `Cfn${name}`, type) : undefined;
  const typed = L1 && typedProperties(L1, scratch, id, properties);
  if (typed) {
    counts.typed += 1;
    const alias = module.replaceAll("-", "_");
    modules.set(alias, module);
    return `new ${alias}.Cfn${name}(stack, ${literal(id)}, ${expression(typed)})`;
  }
  counts.generic += 1;
  return `new cdk.CfnResource(stack, ${literal(id)}, ${literal({ type, properties })})`;
}

function typedClass(module, name, type) {
  try {
    const L1 = require(`aws-cdk-lib/${module}`)[name];
    return L1.CFN_RESOURCE_TYPE_NAME === type ? L1 : undefined;
  } catch {
    return undefined;
  }
}

// The L1 translates the names of its own properties; they count only if they come back unchanged.
function typedProperties(L1, scratch, id, properties) {
  try {
    const { cfnProperties } = L1._fromCloudFormation(scratch, id, { Properties: properties }, { parser: PARSER });
    const copy = new L1(scratch, `${id}Copy`, cfnProperties);
    const [rendered] = Object.values(scratch.resolve(copy._toCloudFormation()).Resources);
    const plain = JSON.parse(JSON.stringify(rendered.Properties ?? {}));
    return isDeepStrictEqual(plain, properties) ? cfnProperties : undefined;
  } catch {
    return undefined;
  }
}

// An L1 takes a function of CloudFormation as a token.
function withTokens(value) {
  if (Array.isArray(value)) return value.map(withTokens);
  if (value === null || typeof value !== "object") return value;
  const names = Object.keys(value);
  if (names.length === 1 && (names[0] === "Ref" || names[0].startsWith("Fn::"))) {
    const token = cdk.Token.asAny(value);
    functions.set(token, value);
    return token;
  }
  return Object.fromEntries(names.map((name) => [name, withTokens(value[name])]));
}

// The source text of a value that may hold tokens.
function expression(value) {
  if (cdk.Tokenization.isResolvable(value)) return `asAny(${literal(functions.get(value))})`;
  if (cdk.Token.isUnresolved(value)) {
    const token = cdk.Tokenization.reverse(value);
    const encoding = Array.isArray(value) ? "asList" : typeof value === "number" ? "asNumber" : "asString";
    return `${encoding}(${literal(functions.get(token))})`;
  }
  if (Array.isArray(value)) return `[${value.map(expression).join(", ")}]`;
  if (value === null || typeof value !== "object") return literal(value);
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return `{ ${entries.map(([name, each]) => `${literal(name)}: ${expression(each)}`).join(", ")} }`;
}

function literal(value) {
  return JSON.stringify(value) ?? "undefined";
}

const [program, ...templates] = process.argv.slice(2);
main(program, templates);
