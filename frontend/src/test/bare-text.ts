/**
 * Finds text that a translating browser would take from React.
 *
 * Such a browser puts every text node into elements of its own. React keeps the node it made: what
 * it then inserts before that node, or removes, is no longer where it was, and the view is gone
 * (NotFoundError); what it writes into that node is seen by nobody. Text that is the only child of
 * its element is safe, for React then writes the element's content. So text has no siblings, unless
 * neither it nor they ever change.
 */
import ts from "typescript";

type Parent = ts.JsxElement | ts.JsxFragment;

/** Whether `expression` gives elements, or nothing, and never text. */
function givesElements(expression: ts.Expression): boolean {
  if (ts.isParenthesizedExpression(expression)) return givesElements(expression.expression);
  if (ts.isJsxElement(expression) || ts.isJsxSelfClosingElement(expression)) return true;
  if (ts.isJsxFragment(expression)) return true;
  if (expression.kind === ts.SyntaxKind.NullKeyword) return true;
  if (ts.isIdentifier(expression) && expression.text === "undefined") return true;
  if (ts.isConditionalExpression(expression)) {
    return givesElements(expression.whenTrue) && givesElements(expression.whenFalse);
  }
  if (ts.isBinaryExpression(expression)) {
    const { kind } = expression.operatorToken;
    return kind === ts.SyntaxKind.AmpersandAmpersandToken && givesElements(expression.right);
  }
  if (ts.isCallExpression(expression) && ts.isPropertyAccessExpression(expression.expression)) {
    const [draw] = expression.arguments;
    return expression.expression.name.text === "map" && draw !== undefined && drawsElements(draw);
  }
  return false;
}

function drawsElements(draw: ts.Expression): boolean {
  if (!ts.isArrowFunction(draw)) return false;
  if (!ts.isBlock(draw.body)) return givesElements(draw.body);
  const returned: ts.Expression[] = [];
  const look = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) return;
    if (ts.isReturnStatement(node) && node.expression) returned.push(node.expression);
    ts.forEachChild(node, look);
  };
  ts.forEachChild(draw.body, look);
  return returned.every(givesElements);
}

function isNothing(child: ts.JsxChild): boolean {
  return ts.isJsxText(child)
    ? child.containsOnlyTriviaWhiteSpaces
    : ts.isJsxExpression(child) && child.expression === undefined;
}

/** A text that is never another. */
function isConstant(child: ts.JsxChild): boolean {
  if (ts.isJsxText(child)) return true;
  return ts.isJsxExpression(child) && !!child.expression && ts.isStringLiteral(child.expression);
}

/** An element of the browser's own that is always there, and always the same. */
function isFixed(child: ts.JsxChild): boolean {
  if (!ts.isJsxElement(child) && !ts.isJsxSelfClosingElement(child)) return false;
  const { tagName, attributes } = ts.isJsxElement(child) ? child.openingElement : child;
  const keyed = attributes.properties.some((one) => ts.isJsxAttribute(one) && isKey(one.name));
  return ts.isIdentifier(tagName) && /^[a-z]/.test(tagName.text) && !keyed;
}

const isKey = (name: ts.JsxAttributeName): boolean => ts.isIdentifier(name) && name.text === "key";

function mayBeText(child: ts.JsxChild): boolean {
  if (ts.isJsxText(child)) return true;
  return ts.isJsxExpression(child) && !!child.expression && !givesElements(child.expression);
}

function bareTextsOf(parent: Parent): ts.JsxChild[] {
  const children = parent.children.filter((child) => !isNothing(child));
  // What a fragment holds stands beside whatever the fragment stands beside.
  if (!ts.isJsxFragment(parent)) {
    if (children.length === 1) return [];
    // Nothing there is ever inserted, removed or written: the space between two words.
    if (children.every((child) => isConstant(child) || isFixed(child))) return [];
  }
  return children.filter(mayBeText);
}

/** The line and the source of every text in that file of JSX that stands beside something else. */
export function bareTexts(name: string, source: string): string[] {
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: string[] = [];
  const look = (node: ts.Node): void => {
    if (ts.isJsxElement(node) || ts.isJsxFragment(node)) {
      for (const text of bareTextsOf(node)) {
        const { line } = file.getLineAndCharacterOfPosition(text.getStart(file));
        found.push(`${name}:${line + 1}: ${text.getText(file).trim()}`);
      }
    }
    ts.forEachChild(node, look);
  };
  look(file);
  return found;
}
