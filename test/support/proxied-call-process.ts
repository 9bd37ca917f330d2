// Asks the model server at the address that is given, as the terminal would: through the proxy of the environment, if any.
import { openProvider } from '../../extension/src/node/providers/index.ts';
import { useProxyOf } from '../../extension/src/node/proxy.ts';
import { textOf } from '../../extension/src/protocol/message.ts';

const [baseUrl = ''] = process.argv.slice(2);
await useProxyOf(process.env);
const provider = await openProvider({ id: 'openai/m', provider: 'openai', model: 'm', baseUrl }, 'sk-1');
try {
  const { message } = await provider.chat({
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello?' }] }],
    tools: [],
    signal: AbortSignal.timeout(20_000),
    onText: () => undefined,
  });
  console.log(textOf(message));
} catch (error) {
  console.log(error instanceof Error ? error.message : String(error));
}
process.exit();
