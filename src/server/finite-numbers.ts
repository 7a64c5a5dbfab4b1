import type { ASTVisitor, FloatValueNode, IntValueNode, ValidationContext } from 'graphql'
import { GraphQLError, GraphQLFloat, getNamedType } from 'graphql'

/**
 * A rule of validation: numbers of a document are such as a Float can hold. The specification has those refused that it
 * cannot (3.5.2, "Input Coercion"); graphql does so for variables, and reads 1e999 in a document as Infinity.
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
