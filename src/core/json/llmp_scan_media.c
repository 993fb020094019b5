
/*
 * Copyright (C) llm-policy authors
 */


#if (__x86_64__)
#include <emmintrin.h>
#endif

#include "base/llmp_ascii.h"
#include "json/llmp_scan_media.h"
#include "json/llmp_scan_name.h"


/* forms of a medium, bits */

#define LLMP_SCAN_MEDIA_RAW    1  /* Base64 */
#define LLMP_SCAN_MEDIA_URL    2  /* a data: URL */
#define LLMP_SCAN_MEDIA_KNOWN  4  /* Base64 of a format in formats[] */
#define LLMP_SCAN_MEDIA_UNKNOWN  8  /* the place was not looked up yet */
#define LLMP_SCAN_MEDIA_BOTH   (LLMP_SCAN_MEDIA_RAW|LLMP_SCAN_MEDIA_URL)


/* a place where an API reads media */

typedef struct {
    const char  *name;   /* name of the member; elements have their array's */
    const char  *outer;  /* name of the member around it; NULL: any */
    uint8_t      kind;
} llmp_scan_media_place_t;


static llmp_uint_t llmp_scan_media_may_have(const llmp_scan_media_t *media,
    u_char ch);
static uint8_t llmp_scan_media_find_place(const llmp_scan_t *scan);
static llmp_uint_t llmp_scan_media_begins_well(llmp_scan_t *scan);
static const u_char *llmp_scan_media_skip_url(const u_char *p,
    const u_char *end);
static llmp_uint_t llmp_scan_media_is_known(const u_char *p, size_t len);
static llmp_uint_t llmp_scan_media_is_base64(const u_char *p,
    const u_char *end);
static llmp_uint_t llmp_scan_media_is_digit(u_char ch);


/*
 * References of the APIs, and sources of the servers, November 2026.  The data
 * of Anthropic's "source" is a text if its type is "text", so that it must be
 * in one of the formats that the API accepts in Base64.
 */

static const llmp_scan_media_place_t  llmp_scan_media_places[] = {

    /* OpenAI and compatible servers: chat, responses; Cohere */
    { "url", "image_url", LLMP_SCAN_MEDIA_URL },
    { "url", "audio_url", LLMP_SCAN_MEDIA_URL },
    { "url", "video_url", LLMP_SCAN_MEDIA_URL },
    { "image_url", NULL, LLMP_SCAN_MEDIA_URL },
    { "data", "input_audio", LLMP_SCAN_MEDIA_RAW },
    { "file_data", NULL, LLMP_SCAN_MEDIA_BOTH },

    /* Mistral */
    { "document_url", NULL, LLMP_SCAN_MEDIA_URL },
    { "input_audio", NULL, LLMP_SCAN_MEDIA_BOTH },

    /* Anthropic */
    { "data", "source", LLMP_SCAN_MEDIA_KNOWN },

    /* Gemini, in both spellings; Vertex's predict */
    { "data", "inlineData", LLMP_SCAN_MEDIA_RAW },
    { "data", "inline_data", LLMP_SCAN_MEDIA_RAW },
    { "bytesBase64Encoded", NULL, LLMP_SCAN_MEDIA_RAW },

    /* Bedrock */
    { "bytes", "source", LLMP_SCAN_MEDIA_RAW },

    /* Ollama; embeddings of Cohere and Voyage */
    { "images", NULL, LLMP_SCAN_MEDIA_BOTH },
    { "image_base64", NULL, LLMP_SCAN_MEDIA_BOTH },

    /* SGLang, llama.cpp */
    { "image_data", NULL, LLMP_SCAN_MEDIA_BOTH },
    { "audio_data", NULL, LLMP_SCAN_MEDIA_BOTH },
    { "video_data", NULL, LLMP_SCAN_MEDIA_BOTH },
    { "data", "image_data", LLMP_SCAN_MEDIA_RAW },
    { "multimodal_data", NULL, LLMP_SCAN_MEDIA_RAW },

    { NULL, NULL, 0 }
};


/* the first bytes of JPEG, PNG, GIF, WebP (RIFF) and PDF in Base64 */

static const char *const  llmp_scan_media_formats[] = {
    "/9j/", "iVBORw0KGg", "R0lGOD", "UklGR", "JVBERi", NULL
};


void
llmp_scan_media_whole(llmp_scan_t *scan, const u_char *p, const u_char *end)
{
    llmp_scan_media_begin(scan);

    if (scan->media.kind != 0) {
        llmp_scan_media_add(scan, p, end);
    }

    if (scan->media.kind != 0) {
        llmp_scan_media_end(scan);
    }
}


void
llmp_scan_media_begin(llmp_scan_t *scan)
{
    scan->media.kind = (scan->media_min != SIZE_MAX) ? LLMP_SCAN_MEDIA_UNKNOWN
                                                     : 0;
    scan->media.size = 0;
    scan->media.head_len = 0;
}


void
llmp_scan_media_add(llmp_scan_t *scan, const u_char *p, const u_char *end)
{
    llmp_scan_media_t  *media;

    media = &scan->media;
    media->size += (uint64_t) (end - p);

    if (media->head_len == LLMP_SCAN_MEDIA_HEAD) {

        if (!llmp_scan_media_is_base64(p, end)) {
            media->kind = 0;
        }

        return;
    }

    for ( /* void */ ; p < end && media->head_len < LLMP_SCAN_MEDIA_HEAD; p++) {

        if (*p == '\\' && p + 1 < end && p[1] == '/') {

            /* an escape that some encoders write */

            p++;
        }

        if (!llmp_scan_media_may_have(media, *p)) {
            media->kind = 0;
            return;
        }

        media->head[media->head_len++] = *p;
    }

    if (media->head_len < LLMP_SCAN_MEDIA_HEAD) {
        return;
    }

    media->kind = llmp_scan_media_find_place(scan);

    if (media->kind != 0
        && (!llmp_scan_media_begins_well(scan)
            || !llmp_scan_media_is_base64(p, end)))
    {
        media->kind = 0;
    }
}


/* returns whether a byte may be the next one of Base64, or of a data: URL: most
   text has another one soon */

static llmp_uint_t
llmp_scan_media_may_have(const llmp_scan_media_t *media, u_char ch)
{
    return llmp_scan_media_is_digit(ch)
           || (media->head_len == 4 && ch == ':'
               && memcmp(media->head, "data", 4) == 0)
           || (media->head_len > 4 && media->head[4] == ':');
}


/* returns the forms of media at the place of the current value */

static uint8_t
llmp_scan_media_find_place(const llmp_scan_t *scan)
{
    uint8_t                         kind;
    uint32_t                        name, outer;
    llmp_uint_t                     depth, above;
    const llmp_scan_frame_t        *frame;
    const llmp_scan_media_place_t  *place;

    /* elements have the name of their array */

    for (depth = scan->depth; depth != 0 && !scan->stack[depth - 1].object;
         depth--)
    {
        /* void */
    }

    if (depth == 0 || scan->nnames == 0) {
        return 0;
    }

    frame = &scan->stack[depth - 1];

    for (above = depth - 1; above != 0 && !scan->stack[above - 1].object;
         above--)
    {
        /* void */
    }

    kind = 0;
    name = scan->names[scan->nnames - 1].exact;
    outer = (above != 0) ? scan->names[frame->names - 1].exact : 0;

    for (place = llmp_scan_media_places; place->name != NULL; place++) {

        if (llmp_scan_name_exact(scan, place->name, depth) == name
            && (place->outer == NULL
                || (above != 0
                    && llmp_scan_name_exact(scan, place->outer, above)
                       == outer)))
        {
            kind |= place->kind;
        }
    }

    return kind;
}


void
llmp_scan_media_add_escape(llmp_scan_t *scan, u_char last)
{
    static const u_char  slash[] = { '\\', '/' };

    if (last != '/') {
        scan->media.kind = 0;
        return;
    }

    llmp_scan_media_add(scan, slash, slash + sizeof(slash));
}


/* returns whether the first bytes are those of a medium at this place */

static llmp_uint_t
llmp_scan_media_begins_well(llmp_scan_t *scan)
{
    uint8_t        kind;
    const u_char  *p, *end;

    kind = scan->media.kind;
    p = scan->media.head;
    end = p + LLMP_SCAN_MEDIA_HEAD;

    if (kind & LLMP_SCAN_MEDIA_URL) {
        p = llmp_scan_media_skip_url(p, end);

        if (p != scan->media.head) {
            return llmp_scan_media_is_base64(p, end);
        }
    }

    if ((kind & LLMP_SCAN_MEDIA_KNOWN)
        && !llmp_scan_media_is_known(p, (size_t) (end - p)))
    {
        kind &= (uint8_t) ~LLMP_SCAN_MEDIA_KNOWN;
    }

    return (kind & (LLMP_SCAN_MEDIA_RAW|LLMP_SCAN_MEDIA_KNOWN)) != 0
           && llmp_scan_media_is_base64(p, end);
}


/* returns the end of "data:image/png;base64,", or p if it is not there */

static const u_char *
llmp_scan_media_skip_url(const u_char *p, const u_char *end)
{
    const u_char  *comma;

    static const char  scheme[] = "data:", mark[] = ";base64";

    comma = memchr(p, ',', (size_t) (end - p));

    if (comma == NULL
        || (size_t) (comma - p) < sizeof(scheme) + sizeof(mark) - 2
        || memcmp(p, scheme, sizeof(scheme) - 1) != 0
        || memcmp(comma - sizeof(mark) + 1, mark, sizeof(mark) - 1) != 0)
    {
        return p;
    }

    return comma + 1;
}


static llmp_uint_t
llmp_scan_media_is_known(const u_char *p, size_t len)
{
    size_t              n;
    const char *const  *format;

    for (format = llmp_scan_media_formats; *format != NULL; format++) {
        n = strlen(*format);

        if (n <= len && memcmp(p, *format, n) == 0) {
            return 1;
        }
    }

    return 0;
}


void
llmp_scan_media_end(llmp_scan_t *scan)
{
    if (scan->media.kind != 0 && scan->media.size >= scan->media_min
        && scan->media.head_len == LLMP_SCAN_MEDIA_HEAD)
    {
        scan->media_count++;
        scan->media_bytes += scan->media.size;
    }

    scan->media.kind = 0;
}


/* returns whether all bytes are digits of Base64 (RFC 4648, sections 4 and 5),
   or the escape of a slash */

static llmp_uint_t
llmp_scan_media_is_base64(const u_char *p, const u_char *end)
{
#if (__x86_64__)
    __m128i  v, letter, digit, other;
#endif

    for ( ;; ) {

#if (__x86_64__)

        for ( /* void */ ; end - p >= 16; p += 16) {
            v = _mm_loadu_si128((const __m128i *) p);

            letter = _mm_or_si128(v, _mm_set1_epi8(0x20));
            letter = _mm_cmpeq_epi8(
                         _mm_min_epu8(_mm_max_epu8(letter, _mm_set1_epi8('a')),
                                      _mm_set1_epi8('z')), letter);

            digit = _mm_cmpeq_epi8(
                        _mm_min_epu8(_mm_max_epu8(v, _mm_set1_epi8('/')),
                                     _mm_set1_epi8('9')), v);

            other = _mm_or_si128(
                        _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('+')),
                                     _mm_cmpeq_epi8(v, _mm_set1_epi8('-'))),
                        _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('_')),
                                     _mm_cmpeq_epi8(v, _mm_set1_epi8('='))));

            if (_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(letter, digit),
                                               other))
                != 0xffff)
            {
                break;
            }
        }

#endif

        while (p < end && llmp_scan_media_is_digit(*p)) {
            p++;
        }

        if (p == end) {
            return 1;
        }

        if (*p != '\\' || end - p < 2 || p[1] != '/') {
            return 0;
        }

        p += 2;
    }
}


static llmp_uint_t
llmp_scan_media_is_digit(u_char ch)
{
    u_char  lower;

    lower = llmp_ascii_lower(ch);

    return (lower >= 'a' && lower <= 'z') || (ch >= '/' && ch <= '9')
           || ch == '+' || ch == '-' || ch == '_' || ch == '=';
}
