import type { ASTVisitor, FloatValueNode, IntValueNode, ValidationContext } from 'graphql'
import { GraphQLError, GraphQLFloat, getNamedType } from 'graphql'

/**
 * A validation rule: every number of a document must fit into a Float. The specification requires other numbers to be
 * rejected (3.5.2, "Input Coercion"); graphql does so for variables, but reads 1e999 in a document as Infinity.
 */
export function FiniteNumbersRule(context: ValidationContext): ASTVisitor {
  const check = (node: FloatValueNode | IntValueNode) => {
    if (getNamedType(context.getInputType())?.name !== GraphQLFloat.name) return
    if (Number.isFinite(Number(node.value))) return
    const shown = node.value.length > 40 ? `${node.value.slice(0, 40)}…` : node.value
    context.reportError(
      new GraphQLError(
        `Float cannot represent ${shown}: write a number from -${Number.MAX_VALUE} to ${Number.MAX_VALUE}, or leave it out.`,
        { nodes: node },
      ),
    )
  }
  return { FloatValue: check, IntValue: check }
}
