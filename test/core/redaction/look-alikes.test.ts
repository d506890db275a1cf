import { describe, expect, test } from "vitest";
import { redactJson, redactText } from "../../../src/core/index.ts";

const SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const UUID = "6f1d3c52-8a4b-4e0e-9c1f-2b7d5a90e3fc";

const LOOK_ALIKES: readonly string[] = [
  // Words and names that begin as keys do.
  "sk-learn and scikit-learn are the same thing; import sklearn as sk",
  "a risk-free-rate-of-return-of-3-percent-per-year and a task-oriented-dialogue-system-2024",
  "the desk-research-2024-final-version and disk-usage-report-2024-01-31",
  "locale sk-SK, hsk-level-3, ask-me-anything-2024",
  '<div class="sk-estimator-doc-link fitted"><div class="sk-toggleable__content fitted">',
  '<div id="sk-container-id-1" class="sk-top-container"><div class="sk-parallel-item">',
  ".sk-folding-cube .sk-cube-parent-wrapper:before { transform: none }",
  "sk-admin-panel-sidebar-collapsed",
  "sk-your-api-key-goes-here-please",
  "sk-...",
  "hf_hub_download and hf_transfer_enabled_by_default",
  "import { hf_model_name_or_path_of_the_base } from './x'",
  "npm_config_registry, npm_lifecycle_event, npm_package_dependencies_typescript",
  "pip install pypi-simple; the pypi-publish-action-for-releases",
  "gh_pages_branch, ghost_in_the_shell, glossary-of-terms-in-machine-learning",
  "fc-barcelona-versus-real-madrid-cup-final",
  "pa-rallel-processing-of-many-documents-in-the-cloud",
  "al-gorithms-for-the-masses-an-introduction-to-data",
  "key-performance-indicators, key_performance_indicator_dashboard",
  "secret_management_best_practices_for_kubernetes",
  "ASIA is a continent, AKIAN is a name, ASIAPACIFICREGIONSALES",
  "AIzawa Shouta teaches class 1-A",
  "SKU123456, SK8ER, SKELETON",
  "test_api_key_is_required, fw_version_update_required_before_use",
  "r8_lookup_table_entry, jina_embeddings_v3_base_en",
  "dapiDataGetTopLongShortPositionRatio",
  "SG.com is a domain; e.g. SG.Finance.Holdings",
  "whsec_ is the prefix of Stripe's webhook secrets",
  "xoxo-hugs, xox-ray",
  // Models, packages, versions.
  "ft:gpt-4o-mini-2024-07-18:acme-org::9Xyz12Ab",
  "claude-3-5-sonnet-20241022, gpt-4o-2024-08-06, text-embedding-3-large",
  "meta-llama/Llama-3.3-70B-Instruct-Turbo and mistralai/Mixtral-8x22B-Instruct-v0.1",
  "@langchain/core@1.2.13, @opentelemetry/sdk-trace-base@2.12.1",
  "anthropic.claude-3-7-sonnet-20250219-v1:0",
  "arn:aws:iam::123456789012:role/service-role/my-role-name-2024",
  `docker://alpine:3.18@sha256:${SHA256}`,
  `ghcr.io/org/image:v1.2.3@sha256:${SHA256}`,
  // Hashes and identifiers.
  SHA256,
  `row_key=${SHA256}`,
  `{"row_key":"${SHA256}","ordinal":12}`,
  "commit 3f786850e387550fdab836ed7e6dc881de23001b",
  "md5 9e107d9d372bb6826bd81d3542a419d6",
  UUID,
  `run ${UUID} of experiment 12`,
  `{"key":"${UUID}","trace_id":"tr-5b8efff798038103d269b633813fc60c"}`,
  "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  "chatcmpl-9abCDefGhIjKlMnOpQrStUvWx, resp_0a1b2c3d4e5f60718293a4b5c6d7e8f9",
  "call_abc123DEF456ghi789JKL012, toolu_01A09q90qw90lq917835lq9, msg_01XFDUDYJgAACzvnptvVoYEL",
  "org-AbCdEfGhIjKlMnOpQrStUvWx, proj_AbCdEfGhIjKlMnOpQrStUvWx",
  '"system_fingerprint":"fp_44709d6fcb"',
  "sha512-v2kDEe57lecTulaDIuNTPy3Ry4gLGJ6Z1O3vE1krgXZNrsQ+LFTGHVxVjcXPs17LhbZVGedAJv8XZ1tvj5FvSg==",
  '<script integrity="sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC">',
  "primary_key=customer_id_2024; cache_key=user:42:profile:v2",
  '{"idempotency_key":"order-20240131-000042"}',
  // Data.
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "eyJjdXJzb3IiOiIyMDI0LTAxLTMxIiwibGltaXQiOjEwMH0=",
  "TG9yZW0gaXBzdW0gZG9sb3Igc2l0IGFtZXQsIGNvbnNlY3RldHVyIGFkaXBpc2NpbmcgZWxpdA==",
  "[0.0123,-0.4567,1.2e-05,3.1415926535]",
  "2024-01-31T12:34:56.789Z ... 2024-01-31T12:34:57.001Z",
  "1700000000:started 1700000001:finished",
  // Tokens that are counted, or are words of a model.
  '{"usage":{"prompt_tokens":1200,"completion_tokens":345,"total_tokens":1545}}',
  "token=5, max_tokens=4096, tokens: 128000",
  '{"token":" Hello","logprob":-0.0012,"bytes":[32,72]}',
  '{"token":"Donaudampfschifffahrtsgesellschaft","logprob":-3.2}',
  'eos_token="<|endoftext|>", pad_token: "<pad>"',
  '{"next_page_token":"CAUQAA1b2c3d4e5f6g7h8i9j"}',
  "token: 1700000000000",
  // URLs and addresses.
  "https://example.com:8080/path?page=2&sort=asc#top",
  "https://example.com/search?q=api+key&key=value&id=42&token=abc",
  "https://www.youtube.com/watch?v=dQw4w9WgXcQ&list=PLrAXtmErZgOeiKm4sgNOknGvNjby9efdf",
  "http://localhost:3000/users/@me and https://medium.com/@someone/a-story-1a2b3c4d5e6f",
  "https://unpkg.com:443/@scope/pkg@1.2.3/dist/index.js",
  "ssh://git@github.com:22/org/repo.git and git@github.com:org/repo.git",
  "postgresql://db.example:5432/app?sslmode=require",
  "postgres://app@db.example/app",
  `postgres://user:${"$"}{DB_PASSWORD}@db.example/app`,
  "write to me@example.org or you@example.com: thanks",
  "[docs](https://example.com/a_(b)?c=d) and <https://example.com>",
  "see https://hooks.slack.com/ and https://discord.com/developers/docs",
  // Talk about credentials.
  "To authenticate, set the OPENAI_API_KEY environment variable to your API key.",
  "The password must be at least 12 characters long. Password: required. Token: optional.",
  "Never share your secret: it is like a password, and the bearer of a token is trusted.",
  "HTTP supports Basic, Bearer and Digest authentication; Authorization: Bearer <token>",
  'curl -H "Authorization: Bearer $OPENAI_API_KEY" https://api.openai.com/v1/models',
  "Authorization: Basic authentication, see RFC 7617",
  "An API key: a string that identifies the caller. The api_key parameter is required.",
  '{"api_key":"OPENAI_API_KEY","password":"your-password-here","token":"<token>"}',
  '{"password":{"type":"string","minLength":8},"secret":{"type":"string"}}',
  '{"errors":{"password":"invalid","api_key":"missing"}}',
  "The header -----BEGIN PRIVATE KEY----- opens a PEM file.",
  "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----",
  "docker run -u 1000:1000 -v $PWD:/work image; PWD=/home/me/project-2024",
  // Code that reads or names a secret.
  "const client = new OpenAI({ apiKey: process.env.OPENAI_API_KEY_2 });",
  "client = OpenAI(api_key=os.environ['KEY_1'], base_url=settings_of_the_company_2.url)",
  "api_key = read_the_key_from_vault_2(path); password = getpass.getpass()",
  "def connect(password: str = None, token: Optional[str] = None, secret: bytes = b''):",
  "interface Login { password: string; apiKey: string | undefined; token?: string }",
  "if (token === expectedToken) { secret = await vault.readSecret1(name); }",
  "apiKey: configurationServiceApiKey, clientSecret: settings.auth.clientSecret2,",
  "password = var.database_password_1\nsecret_key = data.aws_secret.main.value",
  `api_key: ${"$"}{{ secrets.API_KEY_1 }}, password: {{ db_password_1 }}`,
  "password=****** secret=[REDACTED] token=xxxxxxxxxxxxxxxxxxxxxxxx1",
  "for token in tokens: print(token.text, token.pos_, token.dep_)",
  "SELECT password_hash, token_count FROM users WHERE api_key IS NULL",
  "body: JSON.stringify({ token: tokenFromTheRequestOfTheUser1 })",
  "x = eyJ.a.b; y = 'sk-' + 'a'",
];

describe("what only looks like a secret is left as it is", () => {
  test("there are enough of them", () => {
    expect(LOOK_ALIKES.length).toBeGreaterThanOrEqual(100);
  });

  test.each(LOOK_ALIKES)("%j", (text) => {
    expect(redactText(text)).toBe(text);
    expect(redactText(JSON.stringify({ text }))).toBe(JSON.stringify({ text }));
    expect(redactJson([text])).toEqual([text]);
  });
});
