
/*
 * Copyright (C) llm-policy authors
 *
 * Families of models, as of 2026-11-30.
 *
 * OpenAI: its reference of chat completions (max_tokens is deprecated, and not
 * compatible with o-series models), and its answers to requests: gpt-5
 * (vercel/ai issue 10932), gpt-6 (bolna-ai/bolna pull request 1019): 400 for
 * max_tokens, stop, and any temperature except 1.
 *
 * Anthropic: "temperature and top_p cannot both be specified for this model"
 * from Opus 4.1, and from 4.5 of other models on (comet-ml/opik pull request
 * 3728); no temperature, top_p and top_k from 4.7 on, and in 5 (its guide to
 * migration; mnfst/modelparams.dev pull request 238, measured 2026-08-17).
 */


#include "dialect/llmp_known_models.h"


#define LLMP_KNOWN_MODELS_WORDS  16


/* a word of a name, in lower case: letters, or digits */

typedef struct {
    u_char                text[8];  /* its first letters */
    size_t                len;
    llmp_uint_t           number;   /* value of digits, or 0 */
    unsigned              digits:1;
    unsigned              joined:1; /* directly after the word before it */
} llmp_known_word_t;


typedef struct {
    llmp_known_word_t     elts[LLMP_KNOWN_MODELS_WORDS + 2];  /* two unused */
    llmp_uint_t           nelts;
} llmp_known_words_t;


static llmp_str_t llmp_known_models_base(const llmp_str_t *model);
static void llmp_known_models_split(llmp_known_words_t *words,
    const llmp_str_t *base);
static llmp_uint_t llmp_known_models_is(const llmp_known_words_t *words,
    llmp_uint_t i, const char *text);
static const llmp_known_fact_t *llmp_known_models_gpt(
    const llmp_known_words_t *words, llmp_uint_t i);
static llmp_uint_t llmp_known_models_is_o(const llmp_known_words_t *words,
    llmp_uint_t i);
static const llmp_known_fact_t *llmp_known_models_claude(
    const llmp_known_words_t *words, llmp_uint_t i);


static const llmp_str_t  takes_none[1];


#define AS(name)                                                              \
    { LLMP_MAX_TOKENS, { llmp_string(name), NULL, 0, 0 } }

#define TAKES_NONE(param)                                                     \
    { param, { llmp_null_string, takes_none, 0, 0 } }

#define NOT_BESIDE(param, others)                                             \
    { param, { llmp_null_string, NULL, 0, others } }

#define END                                                                   \
    { LLMP_PARAM_MAX, { llmp_null_string, NULL, 0, 0 } }


/* o1 and later; gpt-5 and later */

static const llmp_known_fact_t  openai_reasoning[] = {
    AS("max_completion_tokens"),
    TAKES_NONE(LLMP_TEMPERATURE),
    TAKES_NONE(LLMP_TOP_P),
    TAKES_NONE(LLMP_PRESENCE_PENALTY),
    TAKES_NONE(LLMP_FREQUENCY_PENALTY),
    TAKES_NONE(LLMP_STOP),
    TAKES_NONE(LLMP_LOGPROBS),
    TAKES_NONE(LLMP_TOP_LOGPROBS),
    TAKES_NONE(LLMP_LOGIT_BIAS),
    END
};


/* gpt-5-chat-latest and the like, which do not reason */

static const llmp_known_fact_t  openai_chat[] = {
    AS("max_completion_tokens"),
    END
};


static const llmp_known_fact_t  claude_either[] = {
    NOT_BESIDE(LLMP_TEMPERATURE, llmp_mask(LLMP_TOP_P)),
    END
};


static const llmp_known_fact_t  claude_fixed[] = {
    NOT_BESIDE(LLMP_TEMPERATURE, llmp_mask(LLMP_TOP_P)),
    TAKES_NONE(LLMP_TEMPERATURE),
    TAKES_NONE(LLMP_TOP_P),
    TAKES_NONE(LLMP_TOP_K),
    END
};


const llmp_known_fact_t *
llmp_known_models_find(const llmp_str_t *model)
{
    llmp_str_t           base;
    llmp_uint_t          i;
    llmp_known_words_t   words;

    base = llmp_known_models_base(model);

    llmp_known_models_split(&words, &base);

    for (i = 0; i < words.nelts; i++) {

        if (llmp_known_models_is(&words, i, "gpt")) {
            return llmp_known_models_gpt(&words, i);
        }

        if (llmp_known_models_is(&words, i, "claude")) {
            return llmp_known_models_claude(&words, i);
        }

        if (llmp_known_models_is_o(&words, i)) {
            return openai_reasoning;
        }
    }

    return NULL;
}


/*
 * Returns the part of a name that names the model: the last step of a path or
 * an ARN; of "ft:MODEL:ORGANIZATION:NAME:ID", the model alone, since a client
 * chooses the rest.
 */

static llmp_str_t
llmp_known_models_base(const llmp_str_t *model)
{
    size_t      i;
    llmp_str_t  base;

    base = *model;

    for (i = base.len; i > 0; i--) {
        if (base.data[i - 1] == '/') {
            base.data += i;
            base.len -= i;
            break;
        }
    }

    if (base.len < 3 || memcmp(base.data, "ft:", 3) != 0) {
        return base;
    }

    base.data += 3;
    base.len -= 3;

    for (i = 0; i < base.len; i++) {
        if (base.data[i] == ':') {
            base.len = i;
        }
    }

    return base;
}


static void
llmp_known_models_split(llmp_known_words_t *words, const llmp_str_t *base)
{
    u_char              ch;
    size_t              i;
    llmp_uint_t         digit, joined;
    llmp_known_word_t  *word;

    words->nelts = 0;

    word = NULL;
    joined = 0;

    for (i = 0; i < base->len; i++) {
        ch = base->data[i];
        digit = (ch >= '0' && ch <= '9');

        if (ch >= 'A' && ch <= 'Z') {
            ch |= 0x20;
        }

        if (!digit && (ch < 'a' || ch > 'z')) {
            word = NULL;
            joined = 0;
            continue;
        }

        if (word == NULL || word->digits != digit) {

            if (words->nelts == LLMP_KNOWN_MODELS_WORDS) {
                return;
            }

            word = &words->elts[words->nelts++];

            word->len = 0;
            word->number = 0;
            word->digits = digit;
            word->joined = joined;
        }

        joined = 1;

        if (word->len < sizeof(word->text)) {
            word->text[word->len] = ch;
            word->number = digit ? word->number * 10 + (ch - '0') : 0;
        }

        word->len++;
    }
}


/* returns whether a word, and not a part of one, has this text */

static llmp_uint_t
llmp_known_models_is(const llmp_known_words_t *words, llmp_uint_t i,
    const char *text)
{
    size_t                    len;
    const llmp_known_word_t  *word;

    word = &words->elts[i];
    len = strlen(text);

    return i < words->nelts && word->len == len && !word->joined
           && memcmp(word->text, text, len) == 0;
}


/* "gpt-5.4", "gpt5", "gpt54", but not "gpt-4.1", "gpt-35-turbo", "gpt-oss" */

static const llmp_known_fact_t *
llmp_known_models_gpt(const llmp_known_words_t *words, llmp_uint_t i)
{
    llmp_uint_t               major;
    const llmp_known_word_t  *word;

    word = &words->elts[i + 1];

    if (i + 1 >= words->nelts || !word->digits || word->len > 2) {
        return NULL;
    }

    /* names of deployments may have no dot: "gpt-35", "gpt54" */

    major = word->number;

    if (major >= 20) {
        major /= 10;
    }

    if (major < 5) {
        return NULL;
    }

    for (i += 2; i < words->nelts; i++) {
        if (llmp_known_models_is(words, i, "chat")) {
            return openai_chat;
        }
    }

    return openai_reasoning;
}


/*
 * Returns whether a word begins "o1", "o3-mini" and the like: at the start, or
 * after a provider.  Other models have such words at their ends.
 */

static llmp_uint_t
llmp_known_models_is_o(const llmp_known_words_t *words, llmp_uint_t i)
{
    const llmp_known_word_t  *word;

    word = &words->elts[i + 1];

    if (!llmp_known_models_is(words, i, "o") || i + 1 >= words->nelts
        || !word->digits || !word->joined || word->len > 2
        || (i + 2 < words->nelts && words->elts[i + 2].joined))
    {
        return 0;
    }

    return i == 0 || llmp_known_models_is(words, i - 1, "openai")
           || llmp_known_models_is(words, i + 2, "mini")
           || llmp_known_models_is(words, i + 2, "pro")
           || llmp_known_models_is(words, i + 2, "preview");
}


/* "claude-opus-4-1-20250805", "claude-4.5-sonnet", "claude-fable-5" */

static const llmp_known_fact_t *
llmp_known_models_claude(const llmp_known_words_t *words, llmp_uint_t i)
{
    llmp_uint_t               major, minor, opus;
    const llmp_known_word_t  *word;

    major = 0;
    minor = 0;
    opus = 0;

    for (i++; i < words->nelts; i++) {
        word = &words->elts[i];

        if (!word->digits) {
            opus |= llmp_known_models_is(words, i, "opus");
            continue;
        }

        if (major != 0 || word->len > 2 || word->joined) {

            /* a date, or "v1" */

            continue;
        }

        major = word->number;
        word++;

        if (i + 1 < words->nelts && word->digits && word->len <= 2) {
            minor = word->number;
        }
    }

    if (major >= 5 || (major == 4 && minor >= 7)) {
        return claude_fixed;
    }

    return (major == 4 && minor >= (opus ? 1u : 5u)) ? claude_either : NULL;
}


/* OpenRouter, NanoGPT (their documentation, "Presets", 2026-11) */

llmp_uint_t
llmp_known_models_is_preset(const llmp_str_t *model)
{
    static const char  own[] = "@preset/";
    static const char  named[] = "presets/";

    return llmp_str_has(model, own, sizeof(own) - 1)
           || (model->len >= sizeof(named) - 1
               && memcmp(model->data, named, sizeof(named) - 1) == 0);
}
