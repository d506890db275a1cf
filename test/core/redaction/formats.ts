/**
 * Made-up values in the real formats, put together at run time: written out, they would set off the
 * scanners that look for leaked keys in repositories.
 */

const DIGITS = "0123456789";
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const WORD = DIGITS + LOWER + UPPER;
const URL_SAFE = `${WORD}-_`;
const HEX = "0123456789abcdef";

let state = 20_260_801;

/** `length` characters, each test run the same; begins and ends as keys do, with no dash. */
export function body(length: number, alphabet = WORD): string {
  const draw = (letters: string) => {
    state = (state * 48_271) % 2_147_483_647;
    return letters[state % letters.length];
  };
  const ends = alphabet.replaceAll(/[-_+/]/g, "");
  return Array.from({ length }, (_, at) =>
    draw(at === 0 || at === length - 1 ? ends : alphabet),
  ).join("");
}

const hex = (length: number) => body(length, HEX);
const safe = (length: number) => body(length, URL_SAFE);
const uuid = () => [8, 4, 4, 4, 12].map(hex).join("-");
const base64 = (length: number) => body(length, `${WORD}+/`);

/** Keys that are known by their shape alone, whatever stands around them. */
export const KEYS: { readonly [format: string]: string } = {
  "OpenAI, of 2023": `sk-${body(20)}T3BlbkFJ${body(20)}`,
  "OpenAI project": `sk-proj-${safe(74)}T3BlbkFJ${safe(74)}`,
  "OpenAI service account": `sk-svcacct-${safe(74)}T3BlbkFJ${safe(74)}`,
  "OpenAI admin": `sk-admin-${safe(74)}T3BlbkFJ${safe(58)}`,
  Anthropic: `sk-ant-api03-${safe(93)}AA`,
  "Anthropic admin": `sk-ant-admin01-${safe(93)}AA`,
  "Anthropic OAuth": `sk-ant-oat01-${safe(93)}AA`,
  OpenRouter: `sk-or-v1-${hex(64)}`,
  DeepSeek: `sk-${hex(32)}`,
  LiteLLM: `sk-${safe(9)}-${body(6)}_1A${body(4)}`,
  "Langfuse secret": `sk-lf-${uuid()}`,
  "Google API": `AIza${safe(35)}`,
  "Google OAuth access": `ya29.${safe(140)}`,
  "Google OAuth refresh": `1//0${safe(60)}`,
  "Google OAuth client secret": `GOCSPX-${safe(28)}`,
  "Google Gemini of 2026": `AQ.Ab8RN6${safe(44)}`,
  "AWS access key id": `AKIA${body(16, UPPER)}`,
  "AWS temporary key id": `ASIA${body(16, UPPER + DIGITS)}`,
  "AWS Bedrock": `ABSK${base64(128)}==`,
  "Azure client secret": `${body(3)}8Q~${safe(34)}`,
  "Azure AI of 84 characters": `${body(52)}JQQJ99${body(10)}${body(12, UPPER)}ACOG`,
  "Hugging Face": `hf_${body(34, LOWER + UPPER)}`,
  Groq: `gsk_${body(52)}`,
  xAI: `xai-${body(80)}`,
  Perplexity: `pplx-${body(48)}`,
  Fireworks: `fw_${body(22)}`,
  Replicate: `r8_${body(37)}`,
  Cerebras: `csk-${body(48, LOWER + DIGITS)}`,
  NVIDIA: `nvapi-${safe(64)}`,
  Voyage: `pa-A1a${safe(40)}`,
  Jina: `jina_${hex(32)}${safe(28)}`,
  Tavily: `tvly-${body(32)}`,
  "Tavily, development": `tvly-dev-${body(32)}`,
  Pinecone: `pcsk_${body(6)}_${body(63)}`,
  Together: `tgp_v1_${safe(43)}`,
  ElevenLabs: `sk_${hex(48)}`,
  "LangSmith personal": `lsv2_pt_${hex(32)}_${hex(10)}`,
  "LangSmith service": `lsv2_sk_${hex(32)}_${hex(10)}`,
  "Weights & Biases": `wandb_v1_${body(77)}`,
  Braintrust: `sk-${body(48)}`,
  Databricks: `dapi${hex(32)}`,
  "Databricks with a suffix": `dapi${hex(32)}-3`,
  "GitHub personal": `ghp_${body(36)}`,
  "GitHub OAuth": `gho_${body(36)}`,
  "GitHub app": `ghs_${body(36)}`,
  "GitHub fine-grained": `github_pat_${body(22)}_${body(59)}`,
  GitLab: `glpat-${safe(20)}`,
  "GitLab, routable": `glpat-${safe(27)}.01.${body(9, LOWER + DIGITS)}`,
  npm: `npm_${body(36)}`,
  PyPI: `pypi-AgEIcHlwaS5vcmc${safe(150)}`,
  "Slack bot": `xoxb-${body(12, DIGITS)}-${body(13, DIGITS)}-${body(24)}`,
  "Slack user": `xoxp-${body(12, DIGITS)}-${body(12, DIGITS)}-${body(12, DIGITS)}-${hex(32)}`,
  "Slack app": `xapp-1-A${body(10, UPPER)}-${body(13, DIGITS)}-${hex(64)}`,
  Stripe: `sk_live_${body(24)}`,
  "Stripe, restricted": `rk_live_${body(99)}`,
  "Stripe webhook": `whsec_${body(32)}`,
  SendGrid: `SG.${safe(22)}.${safe(43)}`,
  Twilio: `SK${hex(32)}`,
  DigitalOcean: `dop_v1_${hex(64)}`,
  Supabase: `sbp_${hex(40)}`,
  Neon: `napi_${body(64, LOWER + DIGITS)}`,
  Vercel: `vcp_${body(56)}`,
  "Vercel Blob": `vercel_blob_rw_${body(16)}_${body(30)}`,
  Notion: `ntn_${body(11, DIGITS)}${body(35)}`,
  "Notion, older": `secret_${body(43)}`,
  Linear: `lin_api_${body(40)}`,
  Discord: `MTA${body(23)}.G${body(5)}.${safe(38)}`,
  Telegram: `${body(10, "123456789")}:AA${safe(33)}`,
  "HashiCorp Vault": `hvs.${safe(92)}`,
  Docker: `dckr_pat_${safe(27)}`,
  Alibaba: `LTAI${body(20)}`,
  Shopify: `shpat_${hex(32)}`,
  JWT: `eyJ${body(30)}.eyJ${body(60)}.${safe(43)}`,
  "Square access": `EAAAE${body(8)}7${safe(50)}`,
  "Square OAuth access": `sq0atp-${safe(22)}`,
  "Square application secret": `sq0csp-${safe(43)}`,
  Meta: `EAAG${body(60)}4${body(80)}`,
  Paddle: `pdl_live_apikey_${body(26, LOWER + DIGITS)}_${body(22)}_${body(3)}`,
  Resend: `re_${body(7)}3_${body(24)}`,
  Plaid: `access-production-${uuid()}`,
  Asana: `1/${body(16, "123456789")}:${hex(32)}`,
  HubSpot: `pat-na1-${uuid()}`,
  Tailscale: `tskey-auth-k${body(11)}CNTRL-${body(32)}`,
  Dropbox: `sl.u.${safe(140)}`,
  Mapbox: `sk.eyJ1${body(60)}.${safe(22)}`,
  "OpenAI session": `sess-4${body(39)}`,
  "OpenAI, ephemeral": `ek_${hex(32)}`,
  Coze: `pat_7${body(63)}`,
  Nomic: `nk-A1a${safe(40)}`,
  Chutes: `cpk_${hex(32)}.${hex(32)}.${body(32)}`,
  PromptLayer: `pl_${hex(32)}`,
  Luma: `luma-${uuid()}`,
  Zhipu: `${hex(32)}.A1${body(14)}`,
  "MongoDB Atlas service account": `mdb_sa_sk_${safe(40)}`,
  Render: `rnd_8${body(31)}`,
  Clojars: `CLOJARS_${hex(60)}`,
  "Yandex API": `AQVN${safe(36)}`,
  Tencent: `AKID${body(32)}`,
  Artifactory: `AKCp${body(69)}`,
  Bitbucket: `ATBB${body(32)}`,
  "Azure storage": `${base64(76)}+ASt${base64(5)}A==`,
  "Azure Cosmos DB": `${base64(76)}ACDb${base64(5)}g==`,
  "Azure service bus, by itself": `${base64(33)}+ASb${base64(5)}=`,
  "Azure functions": `${safe(44)}AzFu${safe(5)}A==`,
  "Azure search": `${body(42)}AzSeB${body(5)}`,
  "Azure DevOps": `${body(76)}AZDO${body(4)}`,
  "AWS session token": `IQoJb3JpZ2luX2Vj${base64(120)}==`,
  "Cloudflare origin certificates": `v1.0-${hex(24)}-${hex(146)}`,
};

/** Of those, formats that are known whatever is glued to their beginning. */
export const UNMISTAKABLE = [
  "OpenAI, of 2023",
  "OpenAI project",
  "OpenAI service account",
  "Anthropic",
  "OpenRouter",
  "GitHub personal",
  "GitHub fine-grained",
  "GitLab",
  "npm",
  "Hugging Face",
  "Slack bot",
  "Stripe",
  "SendGrid",
  "Square OAuth access",
  "Square application secret",
  "Shopify",
  "DigitalOcean",
  "HashiCorp Vault",
  "Groq",
  "xAI",
  "Perplexity",
  "NVIDIA",
  "LangSmith personal",
  "Pinecone",
  "Tavily",
  "Google API",
  "AWS temporary key id",
];

/** Texts around a secret that tell what it is; `secret` is the part that must go. */
export const NAMED: { readonly [format: string]: { text: string; secret: string } } =
  Object.fromEntries(
    (
      [
        ["AWS secret access key", "AWS_SECRET_ACCESS_KEY=", `${base64(39)}Z`, "\n"],
        [
          "AWS secret that begins with a slash",
          "aws_secret_access_key = ",
          `/${base64(38)}Z`,
          "\n",
        ],
        ["AWS secret in JSON", '{"secretAccessKey":"', `${base64(39)}Z`, '"}'],
        ["AWS session token", "aws_session_token = ", `IQoJb3JpZ2luX2Vj${base64(120)}==`, "\n"],
        [
          "AWS presigned URL",
          "https://b.s3.amazonaws.com/k?X-Amz-Date=1&X-Amz-Signature=",
          hex(64),
          "&x=1",
        ],
        ["Azure api-key header", "api-key: ", hex(32), "\r\n"],
        [
          "Azure storage key",
          "AccountName=a;AccountKey=",
          `${base64(86)}==`,
          ";EndpointSuffix=core.windows.net",
        ],
        ["Azure service bus", "SharedAccessKeyName=Root;SharedAccessKey=", `${base64(43)}=`, ""],
        [
          "Azure SAS",
          "https://a.blob.core.windows.net/c?sv=2024-11-04&sr=c&sig=",
          `${body(42)}%3D`,
          "&se=1",
        ],
        ["Mistral", "MISTRAL_API_KEY=", body(32), "\n"],
        ["Cohere", '{"CO_API_KEY": "', body(40), '"}'],
        ["Weights & Biases, older", "WANDB_API_KEY=", hex(40), " python train.py"],
        ["Together, older", "export TOGETHER_API_KEY='", hex(64), "'"],
        ["Telegram-like token", "BOT_TOKEN=", body(40), "\n"],
        ["bearer token", "authorization: Bearer ", body(40), "\n"],
        ["Authorization with another scheme", "Authorization: Token ", hex(40), "\n"],
        ["x-api-key", '"x-api-key": "', body(40), '"'],
        ["Basic", "Authorization: Basic ", `${body(30)}==`, "\n"],
        ["PostgreSQL", "postgresql://app:", body(14), "@db.example:5432/app"],
        ["MySQL", "mysql://root:", "p%40ss%2Fword", "@127.0.0.1/x"],
        ["MongoDB", "mongodb+srv://u:", `${body(10)}@${body(4)}`, "@cluster0.example/?w=majority"],
        ["Redis", "redis://:", body(20), "@cache:6379/0"],
        ["AMQP", "amqps://u:", `${body(6)}/${body(6)}`, "@mq.example/vhost"],
        ["HTTPS", "https://user:", "hunter2", "@example.com/path"],
        [
          "SMTP with an address as its user",
          "smtp://me@example.com:",
          body(12),
          "@smtp.example:587",
        ],
        [".env password", "PGPASSWORD=", "s3cr3t-pw", "\n"],
        ["secret key", "SECRET_KEY='", `django-insecure-${body(40)}`, "'"],
        ["password in JSON", '{"user":"ann","password":"', "Tr0ub4dor&3", '"}'],
        ["SQL Server", "Server=tcp:db;User Id=sa;Password=", "P@ssw0rd!x", ";Encrypt=yes"],
        ["client secret", "client_id=abc&client_secret=", body(32), "&grant_type=x"],
        ["curl", "curl -s -u admin:", body(12), " https://example.com"],
        ["a flag of a command", "deploy --api-key ", body(24), " --force"],
        ["Python environment", 'os.environ["OPENAI_API_KEY"] = "', hex(32), '"'],
        [
          "Slack webhook",
          "https://hooks.slack.com/services/",
          `T${body(8)}/B${body(8)}/${body(24)}`,
          " ok",
        ],
      ] as const
    ).map(([name, before, secret, after]) => [name, { text: before + secret + after, secret }]),
  );
