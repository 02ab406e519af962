// Fails when a catalogue holds a message that no code reads. The compiler tells what is read: each
// place of a catalogue is a property of a type in generated/texts.ts. A group that is looked into
// by a code of the server's, or handed on as a whole, is read whole.
import { relative } from "node:path";
import ts from "typescript";
import { source } from "./texts.mjs";

const root = new URL("../", import.meta.url).pathname;
const types = `${root}generated/texts.ts`;
const { config } = ts.readConfigFile(`${root}tsconfig.app.json`, ts.sys.readFile);
const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
const program = ts.createProgram(
  fileNames.filter((name) => !/\.test\.tsx?$/.test(name)),
  options,
);
const checker = program.getTypeChecker();

const isOurs = (declaration) => declaration?.getSourceFile().fileName === types;
const read = new Set();

/** Everything below a group. */
function readWhole(type) {
  for (const property of type.getProperties()) {
    const declaration = property.declarations?.[0];
    if (!isOurs(declaration) || read.has(declaration)) continue;
    read.add(declaration);
    readWhole(checker.getTypeOfSymbol(property));
  }
}

/** The property of that name, of whatever member of a union has it. */
function readProperty(type, name) {
  for (const member of type.isUnion() ? type.types : [type]) {
    const declaration = member.getProperty(name)?.declarations?.[0];
    if (isOurs(declaration)) read.add(declaration);
  }
}

/** Whether what stands around an expression reads some of it, and says which. */
const isLookedInto = ({ parent }, node) =>
  (ts.isPropertyAccessExpression(parent) && parent.expression === node) ||
  (ts.isVariableDeclaration(parent) && parent.initializer === node) ||
  ts.isPropertyAccessExpression(parent) ||
  ts.isParenthesizedExpression(parent) ||
  ts.isNonNullExpression(parent);

function visit(node) {
  if (ts.isPropertyAccessExpression(node)) {
    readProperty(checker.getTypeAtLocation(node.expression), node.name.text);
  }
  if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent)) {
    const name = (node.propertyName ?? node.name).getText();
    readProperty(checker.getTypeAtLocation(node.parent), name);
  }
  const isValue = ts.isIdentifier(node) || ts.isPropertyAccessExpression(node);
  if (isValue && ts.isExpression(node) && !isLookedInto(node, node)) {
    const { parent } = node;
    const isName =
      parent.name === node ||
      ts.isImportSpecifier(parent) ||
      ts.isTypeReferenceNode(parent) ||
      ts.isTypeQueryNode(parent);
    const type = checker.getTypeAtLocation(node);
    if (!isName && isOurs(type.symbol?.declarations?.[0])) readWhole(type);
  }
  ts.forEachChild(node, visit);
}

for (const file of program.getSourceFiles()) {
  if (file.fileName.startsWith(source)) visit(file);
}

const unread = [];
function collect(node, place) {
  if (ts.isPropertySignature(node)) {
    const here = `${place}.${node.name.getText()}`;
    if (node.type && ts.isTypeLiteralNode(node.type)) {
      for (const member of node.type.members) collect(member, here);
    } else if (!read.has(node)) unread.push(here);
  }
}
for (const statement of program.getSourceFile(types).statements) {
  for (const member of statement.members ?? []) collect(member, statement.name.text);
}
if (unread.length > 0) {
  console.error(`${relative(root, types)}: no code reads\n  ${unread.join("\n  ")}`);
  process.exit(1);
}
