/** Attributes that hold what was said, in any of the vocabularies that are read. */
const CONTENT =
  /^(?:assay\.(?:input|output)|gen_ai\.(?:input\.messages|output\.messages|system_instructions|tool\.definitions|tool\.call\.(?:arguments|result)|retrieval\.(?:query\.text|documents)|prompt(?:\.variable)?\.(?!name$|version$).*|completion(?:\..*)?)|(?:input|output)\.value|llm\.(?:input_messages|output_messages|prompts|completions|tools|prompt_template)(?:\..*)?|(?:retrieval|reranker\.(?:input|output)_)\.?documents\..*|reranker\.query|embedding\.embeddings\..*|mlflow\.(?:spanInputs|spanOutputs|chat\.tools)|traceloop\.entity\.(?:input|output)|ai\.(?:prompt|response\.(?:text|object|toolCalls|reasoning|files)|toolCall\.(?:args|result)|values?|embeddings?|documents|ranking)(?:\..*)?|langfuse\.(?:observation|trace)\.(?:input|output)|tool\.parameters|db\.query\.(?:text|result\..*)|db\.statement)$/;

/** Whether an attribute holds what was said, as opposed to how it was asked and what it took. */
export function isContentAttribute(name: string): boolean {
  return CONTENT.test(name);
}
