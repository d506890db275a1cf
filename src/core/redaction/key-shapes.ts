import { BASE64, DIGIT, END, HEX, oneOf, URL_SAFE, UUID, WORD } from "./letters.ts";
import { MASK, type Rule, START } from "./rule.ts";

// What tells keys from names in kebab-case or snake_case, of which `sk-estimator-doc-link` is one.
const DIGIT_OR_CAPITAL = "(?=[a-z_-]{0,60}[A-Z0-9])";
const DIGIT_AND_CAPITAL = `${DIGIT}(?=[a-z0-9_-]{0,60}[A-Z])`;

type Shape = readonly [prefix: string, body: string];

/**
 * Keys that announce themselves by a prefix ending in `-`, `_`, `.` or `:`. Lengths are below those in use
 * today, because providers lengthen and shorten their keys.
 */
const PREFIXED_KEYS: readonly Shape[] = [
  // OpenAI and those who took over its prefix: Anthropic, OpenRouter, DeepSeek, Langfuse, LiteLLM …
  ["sk-", `${WORD}{20}${URL_SAFE}*`],
  ["sk-", `(?:proj|svcacct|service|admin|None)-${DIGIT_OR_CAPITAL}${URL_SAFE}{16,}`],
  ["sk-", String.raw`(?:ant-[a-z]{2,9}\d\d|or-v\d)-${URL_SAFE}{16,}`],
  ["sk-", `(?:[a-z]{1,12}-){0,2}${UUID}`],
  ["sk-", `${DIGIT_AND_CAPITAL}${URL_SAFE}{20,}`],
  ["sk-", `(?:${WORD}{1,20}[_-]){1,3}${DIGIT}(?=\\d{0,40}[A-Za-z])${WORD}{16,}${URL_SAFE}*`],
  ["pk-", `lf-${UUID}`],
  // Stripe, Clerk, ElevenLabs, Cartesia.
  ["[sr]k_", `(?:live|test|prod|org|car)_${URL_SAFE}{10,}`],
  ["sk_", `${WORD}{32,}`],
  // Groq, Hugging Face, Replicate, Fireworks, Cerebras, Jina, E2B, RunPod, Mailgun, Anyscale.
  ["(?:gsk|hf|api_org|r8|fw|fpk|csk|jina|e2b|rpa|key|esecret)[_-]", `${WORD}{20}${URL_SAFE}*`],
  ["hf_", `oauth_${URL_SAFE}{20,}`],
  ["(?:xai|pplx|nvapi)-", `${DIGIT_OR_CAPITAL}${URL_SAFE}{20,}`],
  ["(?:xai|pplx)-", `${WORD}{20,}`],
  // Voyage, by way of Atlas too.
  ["(?:pa|al)-", `${DIGIT_AND_CAPITAL}${URL_SAFE}{40,}`],
  ["tvly-", `(?:[a-z]{2,5}-)?${WORD}{20}${URL_SAFE}*`],
  ["pcsk_", `${WORD}{4,8}_${WORD}{30,}`],
  // Together, Weights & Biases, LlamaCloud, Braintrust, Firecrawl.
  ["(?:tgp_v1_|wandb_v1_|llx-|bt-st-|fc-)", `${DIGIT_OR_CAPITAL}${URL_SAFE}{24,}`],
  ["lsv2_", "(?:pt|sk)_[A-Za-z0-9_]{20,}"],
  ["ls__", `${WORD}{20,}`],
  // Google, AWS Bedrock.
  ["(?:GOCSPX-|ya29\\.)", `${URL_SAFE}{20,}`],
  ["AQ\\.", `${DIGIT_OR_CAPITAL}${URL_SAFE}{40,}`],
  ["bedrock-api-key-", `${BASE64}{20,}={0,2}`],
  // GitHub, GitLab, npm, PyPI, Docker, Atlassian, Sourcegraph, SonarQube.
  ["gh[pousr]_", "[A-Za-z0-9_]{30,}"],
  ["ghs_", `[A-Za-z0-9_]{10,}\\.${URL_SAFE}{10,}\\.${URL_SAFE}{10,}`],
  ["github_pat_", "[A-Za-z0-9_]{40,}"],
  [
    "gl(?:pat|dt|rt|rtr|ptt|ft|imt|agent|soat|oas|cbt|ffct|wt)-",
    `${DIGIT_OR_CAPITAL}${URL_SAFE}{20,}(?:\\.[0-9a-z]{2,12}){0,2}`,
  ],
  ["npm_", `${WORD}{36,}`],
  ["pypi-", `${URL_SAFE}{50,}`],
  ["dckr_(?:pat|oat)_", `${URL_SAFE}{20,}`],
  ["A[TC][AC]TT3[A-Za-z0-9]{1,9}[_-]", `[A-Za-z0-9_=-]{24,}`],
  ["A[TC][AC]TT3[A-Za-z0-9=]{20,200}[_-]", `[A-Za-z0-9_=-]{8,}`],
  ["(?:sgp|sq[apu])_", `(?:(?:local|${HEX}{16})_)?${HEX}{40}`],
  // Slack, SendGrid, Svix, Brevo, Telegram.
  ["xox[a-z](?:\\.xox[a-z])?-", "[A-Za-z0-9%-]{10,}"],
  ["xapp-", "\\d-[A-Za-z0-9-]{20,}"],
  ["SG\\.", `${URL_SAFE}{16,40}\\.${URL_SAFE}{16,}`],
  ["whsec_", `${BASE64}{20,}={0,2}`],
  ["xkeysib-", `${HEX}{40,}-${WORD}{10,}`],
  ["\\d{8,10}:", `${URL_SAFE}{35}(?![A-Za-z0-9_-])`],
  // DigitalOcean, Supabase, Vercel, Neon, Notion, Linear, Shopify, Cloudflare, Netlify, PlanetScale.
  ["do[opr]_v1_", `${HEX}{40,}`],
  ["(?:sbp|sb_secret)_", `${DIGIT_OR_CAPITAL}${URL_SAFE}{20,}`],
  ["(?:vc[piark]|ntn|secret|lin_api|lin_oauth|napi|duffel_live)_", `${DIGIT}${WORD}{24,}`],
  ["vercel_blob_rw_", `${WORD}{16}_${WORD}{24,}`],
  ["(?:shpat|shpca|shppa|shpss|shprka|rubygems)_", `${HEX}{32,}`],
  ["cf(?:k|ut|at)_", `${DIGIT}${WORD}{36,}`],
  [
    "(?:nfp|glsa|glc|phx|pnu|rdme|sntryu|sntrys|bkua|tfp|apify_api)_",
    `${DIGIT}[A-Za-z0-9_=+/-]{24,}`,
  ],
  ["(?:figd|CCIPAT|pscale_(?:tkn|pw|oauth))_", `[A-Za-z0-9_.=-]{30,}`],
  ["(?:NRAK|NRII|PMAK|HRKU|CFPAT|pul|sdk)-", `${DIGIT}${URL_SAFE}{22,}`],
  // Square, Paddle, Resend, Plaid, Asana, HubSpot, Tailscale, Dropbox, Mapbox.
  ["sq0[a-z]{3}-", `${URL_SAFE}{22,}`],
  ["pdl_(?:live|sdbx)_", "[A-Za-z0-9_]{40,}"],
  ["re_", `${DIGIT}${WORD}{8}_${WORD}{24}`],
  ["access-(?:sandbox|development|production)-", UUID],
  ["\\d/\\d{15,17}(?:/\\d{15,17})?:", `${HEX}{32}`],
  ["pat-[a-z]{2}\\d-", UUID],
  ["tskey-[a-z]{2,10}-", `${WORD}{10,}(?:-${WORD}{20,})?`],
  ["sl\\.(?:[a-z]\\.)?", `${URL_SAFE}{100,}`],
  ["sk\\.", `eyJ${URL_SAFE}{20,}\\.${URL_SAFE}{20,}`],
  // OpenAI's sessions and ephemeral keys, Coze, Nomic, Chutes, PromptLayer, Humanloop, Luma, Zhipu.
  ["(?:sess-|pat_)", `${DIGIT}${WORD}{40,}`],
  ["(?:ek|pl)_", `${HEX}{32,}`],
  ["nk-", `${DIGIT_AND_CAPITAL}${URL_SAFE}{40,}`],
  ["cpk_", `${HEX}{32}\\.${HEX}{32}\\.${WORD}{30,}`],
  ["hl_sk_", `${WORD}{30,}`],
  ["luma-", UUID],
  [
    "[0-9a-f]{32}\\.",
    `(?=[a-z0-9]{0,15}[A-Z])(?=[A-Za-z]{0,15}\\d)${WORD}{16}(?![A-Za-z0-9_-]|\\.[A-Za-z0-9])`,
  ],
  // MongoDB Atlas, Render, Clojars, Harness, Yandex, Cloudflare's origin certificates.
  ["mdb_sa_sk_", `${URL_SAFE}{30,}`],
  ["rnd_", `${DIGIT}${WORD}{28,}`],
  ["CLOJARS_", `${HEX}{60}`],
  ["pat\\.[A-Za-z0-9_-]{22}\\.", `${WORD}{24}\\.${WORD}{20}`],
  ["t1\\.", `${URL_SAFE}{20,200}={0,2}\\.${URL_SAFE}{80,}={0,2}`],
  ["v1\\.0-", `${HEX}{24}-${HEX}{140,}`],
  // Doppler, HashiCorp, Airtable, Dynatrace, Fly, age, 1Password.
  ["dp\\.[a-z]{2,6}\\.", `(?:[a-z0-9_-]{1,40}\\.)?${WORD}{40,}`],
  ["hv[sbr]\\.", `${DIGIT_OR_CAPITAL}${URL_SAFE}{24,}`],
  ["[A-Za-z0-9]{14}\\.", `atlasv1\\.${URL_SAFE}{40,}`],
  ["pat[A-Za-z0-9]{14}\\.", `${HEX}{64}`],
  ["dt0[a-z]\\d\\d\\.", `${WORD}{24}\\.${WORD}{60,}`],
  ["fm[12][ar]?_", `${BASE64}{60,}={0,2}`],
  ["AGE-SECRET-KEY-", "1[A-Z0-9]{50,}"],
  ["ops_", `eyJ${BASE64}{60,}={0,2}`],
  // Discord: the first part is a number in base64.
  [`[MNO]${URL_SAFE}{22,27}\\.`, `${URL_SAFE}{6}\\.${URL_SAFE}{27,40}`],
  // Tokens in three parts (JWT) or five (JWE). Not after a dash: each part of a long text of dashes
  // would be searched again.
  [
    `(?<!-)eyJ${URL_SAFE}{10,}\\.`,
    `${URL_SAFE}{10,}\\.${URL_SAFE}{10,}(?:\\.${URL_SAFE}{10,}){0,2}`,
  ],
];

/** Keys known by a few letters at their beginning, or by a sign at a fixed place within. */
const SOLID_KEYS: readonly string[] = [
  // Google: API keys, refresh tokens, authorisation codes.
  `AIza${URL_SAFE}{35}`,
  `(?:1//0|4/0A)${URL_SAFE}{30,}`,
  // AWS, Alibaba, Azure (client secrets, and keys of 84 characters that say so in their middle).
  `(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}${END}`,
  `ABSK${BASE64}{60,}={0,2}`,
  `LTAI${WORD}{12,24}${END}`,
  `[A-Za-z0-9_~.-]{3}\\dQ~[A-Za-z0-9_~.-]{31,34}`,
  `${WORD}{52}JQQJ9${WORD}{20,30}${END}`,
  // Databricks, Twilio, GitLab runners.
  `dapi${HEX}{32}(?:-\\d{1,2})?${END}`,
  `SK${HEX}{32}${END}`,
  `GR1348941${URL_SAFE}{20}`,
  // AWS session tokens, Tencent, Yandex, Artifactory, Bitbucket.
  `IQoJb3JpZ2luX2Vj${BASE64}{100,}={0,2}`,
  `AKID${WORD}{32}${END}`,
  `AQVN${URL_SAFE}{35,40}(?![A-Za-z0-9_-])`,
  `AKCp${WORD}{60,}${END}`,
  `ATBB${WORD}{32}${END}`,
  // Azure's keys that say what they open: storage, Cosmos DB, API management, buses, functions, search.
  String.raw`[A-Za-z0-9+/]{76}(?:\+ASt|ACDb|APIM)[A-Za-z0-9+/]{5}[AQgw]==`,
  String.raw`[A-Za-z0-9+/]{33}(?:\+ASb|\+AEh|\+ARm|AIoT)[A-Za-z0-9+/]{5}=`,
  `${URL_SAFE}{44}AzFu[A-Za-z0-9_-]{5}[AQgw]==`,
  `${WORD}{42}(?:AzSe|\\+ACR)[A-D]${WORD}{5}${END}`,
  `${WORD}{76}AZDO${WORD}{4}${END}`,
  // Square, and Meta's. Base64 of numbers begins so, too, and goes on with an A.
  `(?<![+/])EAAA(?!A)(?=[A-Za-z_-]{0,58}\\d)${URL_SAFE}{60}(?![A-Za-z0-9_+/=-])`,
  `(?<![+/])EAA[B-Z](?=[A-Za-z]{0,60}\\d)${WORD}{90,}(?![A-Za-z0-9_+/=-])`,
  // The base64 form of a private key in PEM, as in a secret of Kubernetes.
  `LS0tLS1CRUdJTiB(?:QUklWQVRFIEtFWS|SU0EgUFJJVkFURSBLRVkt|FQyBQUklWQVRFIEtFWS|PUEVOU1NIIFBSSVZBVEUg)${BASE64}{20,}={0,2}`,
];

/** The prefixes that end in a sign, or may. */
function endingIn(sign: string): string {
  const prefixes = PREFIXED_KEYS.map(([prefix]) => prefix);
  return oneOf(prefixes.filter((prefix) => prefix.endsWith(sign) || !/[-_.:]$/.test(prefix)));
}

export const prefixedKeys: Rule = {
  // The look ahead spares nearly every dash and underscore of a text the look behind, and the sign all
  // those prefixes that end in another one.
  hint: `(?=[A-Za-z0-9_.%+/-]{10})(?:${["-", "_", ".", ":"].map((sign) => `(?<=[${sign}])(?<=${endingIn(sign)})`).join("|")})`,
  pattern: new RegExp(`${START}(?:${oneOf(PREFIXED_KEYS.map((shape) => shape.join("")))})`, "g"),
  replacement: MASK,
  isWithinWord: true,
};

export const solidKeys: Rule = {
  // Each of these is long enough for the engine to skip along the text by its length.
  hint: oneOf([
    "Iza[A-Za-z0-9_-]{2}",
    "(?:KIA|SIA|BIA|CCA|BSK|TAI|S0tLS1C)[A-Za-z0-9]{2}",
    "QQJ9[A-Za-z0-9]",
    "R1348",
    "K[0-9A-Fa-f]{9}",
    "b3JpZ2luX2Vj",
    "(?:KID|TBB)[A-Za-z0-9]{32}(?![A-Za-z0-9])|QVN[A-Za-z0-9_-]{35}|KCp[A-Za-z0-9]{60}",
    // Up to the end: in base64 all of these letters stand together now and then.
    "(?:St|CDb|PIM|zFu)[A-Za-z0-9+/_-]{5}[AQgw]==",
    "(?:Sb|Eh|Rm|IoT)[A-Za-z0-9+/]{5}=",
    "(?:zSe[A-D]|CR[A-D])[A-Za-z0-9]{5}(?![A-Za-z0-9])",
    "ZDO[A-Za-z0-9]{4}(?![A-Za-z0-9])",
    "(?<=EA)AA(?!A)[A-Za-z0-9_-]{60}(?![A-Za-z0-9_+/=-])",
    "(?<=EAA)[B-Z][A-Za-z0-9]{90}",
    "(?<=dap)i[0-9A-Fa-f]{8}",
    "(?<=1/)/0[A-Za-z0-9_-]{3}",
    "(?<=4/)0A[A-Za-z0-9_-]{3}",
    "(?<=Q~)[A-Za-z0-9_~.-]{5}",
  ]),
  pattern: new RegExp(`${START}(?:${oneOf(SOLID_KEYS)})`, "g"),
  replacement: MASK,
  isWithinWord: true,
};
