import { acceptedContent, CLIENT_CAPABILITIES_META_KEY, inputRequired } from '@modelcontextprotocol/server';
import type { ElicitRequestFormParams, InputRequests, ServerContext } from '@modelcontextprotocol/server';
import { DEFAULTS, ENUMS, textForm } from './forms.ts';
import { said } from './tool.ts';
import type { FixtureTool, FixtureTools } from './tool.ts';

/** Seals what a client brings back; the same for every server of this process. */
export interface States {
  mint(payload: Readonly<Record<string, unknown>>): Promise<string>;
}

/** Tools that have questions before they answer. They are written once: the SDK asks older clients by requests. */
export function askingTools(states: States): FixtureTools {
  return {
    test_sampling: {
      description: 'Asks for an answer of a model.',
      inputSchema: { type: 'object', properties: { prompt: { type: 'string' } }, required: ['prompt'] },
      call: ({ mcpReq: { inputResponses } }, { prompt }) => {
        const answer = inputResponses?.['answer'];
        if (answer === undefined)
          return inputRequired({ inputRequests: { answer: sampling(String(prompt)) } });
        return said(`LLM response: ${textIn(answer)}`);
      },
    },
    test_elicitation: {
      description: 'Asks the user.',
      inputSchema: { type: 'object', properties: { message: { type: 'string' } }, required: ['message'] },
      call: (context, { message }) =>
        asked(context, { message: String(message), requestedSchema: textForm('response') }),
    },
    test_elicitation_sep1034_defaults: asks({ message: 'Please review the form', requestedSchema: DEFAULTS }),
    test_elicitation_sep1330_enums: asks({ message: 'Please select options', requestedSchema: ENUMS }),
    test_missing_capability: {
      description: 'Asks for an answer of a model, whether or not the client has any.',
      call: ({ mcpReq: { inputResponses } }) =>
        inputResponses?.['llm_answer'] === undefined
          ? inputRequired({ inputRequests: { llm_answer: sampling('Reply with the single word: pong') } })
          : said('Answered.'),
    },
    test_input_required_result_elicitation: {
      description: 'Asks for a name.',
      call: ({ mcpReq: { inputResponses } }) => {
        const name = acceptedContent(inputResponses, 'user_name')?.['name'];
        return typeof name === 'string'
          ? said(`Hello, ${name}!`)
          : inputRequired({ inputRequests: { user_name: form('What is your name?', 'name') } });
      },
    },
    test_input_required_result_sampling: {
      description: 'Asks a model for a capital.',
      call: ({ mcpReq: { inputResponses } }) => {
        const answer = inputResponses?.['capital_question'];
        return answer === undefined
          ? inputRequired({ inputRequests: { capital_question: sampling('What is the capital of France?') } })
          : said(`Sampling response: ${textIn(answer)}`);
      },
    },
    test_input_required_result_list_roots: {
      description: 'Asks for roots.',
      call: ({ mcpReq: { inputResponses } }) =>
        inputResponses?.['client_roots'] === undefined
          ? inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } })
          : said(`Roots: ${JSON.stringify(inputResponses['client_roots'])}`),
    },
    test_input_required_result_request_state: confirmed(states, 'state-ok'),
    test_input_required_result_tampered_state: confirmed(states, 'integrity-ok'),
    test_input_required_result_multiple_inputs: {
      description: 'Asks three questions at once.',
      call: async ({ mcpReq: { inputResponses } }) => {
        const keys = ['user_name', 'greeting', 'client_roots'];
        if (keys.every((key) => inputResponses?.[key] !== undefined)) return said('All answered.');
        return inputRequired({
          inputRequests: {
            user_name: form('What is your name?', 'name'),
            greeting: sampling('Generate a greeting'),
            client_roots: inputRequired.listRoots(),
          },
          requestState: await states.mint({ tool: 'multiple' }),
        });
      },
    },
    test_input_required_result_multi_round: {
      description: 'Asks twice.',
      call: async ({ mcpReq }) => {
        const state = mcpReq.requestState<{ readonly round?: number; readonly name?: unknown }>();
        const step = (state?.round ?? 0) + 1;
        if (step > 2) return said(`${String(state?.name)} likes ${JSON.stringify(mcpReq.inputResponses)}`);
        const name = acceptedContent(mcpReq.inputResponses, 'step1')?.['name'];
        return inputRequired({
          inputRequests: {
            [`step${step}`]:
              step === 1 ? form('Step 1: What is your name?', 'name') : form('Step 2: Which color?', 'color'),
          },
          requestState: await states.mint({ round: step, name: typeof name === 'string' ? name : '' }),
        });
      },
    },
    test_input_required_result_capabilities: {
      description: 'Asks for what the client can answer, and nothing else.',
      call: ({ mcpReq: { envelope, inputResponses } }) => {
        if (inputResponses !== undefined) return said('Answered.');
        const meta: Readonly<Record<string, unknown>> = { ...envelope };
        const can = JSON.stringify(meta[CLIENT_CAPABILITIES_META_KEY] ?? {});
        const inputRequests: InputRequests = {
          ...(can.includes('"elicitation"') ? { user_name: form('What is your name?', 'name') } : {}),
          ...(can.includes('"sampling"') ? { greeting: sampling('Generate a greeting') } : {}),
        };
        if (Object.keys(inputRequests).length === 0) return said('There is nothing that could be asked.');
        return inputRequired({ inputRequests });
      },
    },
  };
}

function form(message: string, field: string) {
  return inputRequired.elicit({ message, requestedSchema: textForm(field) });
}

function sampling(text: string) {
  return inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text } }],
    maxTokens: 100,
  });
}

function asks(params: ElicitRequestFormParams): FixtureTool {
  return { description: 'Asks the user with a form.', call: (context) => asked(context, params) };
}

function asked({ mcpReq: { inputResponses } }: ServerContext, params: ElicitRequestFormParams) {
  const answer = inputResponses?.['answer'];
  if (answer === undefined) return inputRequired({ inputRequests: { answer: inputRequired.elicit(params) } });
  return said(`Elicitation completed: ${JSON.stringify(answer)}`);
}

function confirmed(states: States, word: string): FixtureTool {
  return {
    description: 'Asks for a confirmation, and wants its state back as it was.',
    call: async ({ mcpReq }) => {
      const confirmation = acceptedContent(mcpReq.inputResponses, 'confirm');
      if (confirmation !== undefined && mcpReq.requestState() !== undefined)
        return said(`${word}: confirmed`);
      return inputRequired({
        inputRequests: {
          confirm: inputRequired.elicit({
            message: 'Please confirm',
            requestedSchema: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] },
          }),
        },
        requestState: await states.mint({ word }),
      });
    },
  };
}

function textIn(answer: unknown): string {
  return JSON.stringify(answer);
}
