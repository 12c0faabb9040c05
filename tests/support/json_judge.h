/* json_judge.h - a strict parser that is not ours says whether a text is JSON. */
#ifndef JSON_JUDGE_H
#define JSON_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <yajl/yajl_parse.h>

static inline bool json_judge_between(const char *open, const char *text, size_t len, const char *close)
{
    static const yajl_callbacks nothing;
    yajl_handle parser = yajl_alloc(&nothing, NULL, NULL);
    bool fine = yajl_parse(parser, (const unsigned char *)open, strlen(open)) == yajl_status_ok &&
                yajl_parse(parser, (const unsigned char *)text, len) == yajl_status_ok &&
                yajl_parse(parser, (const unsigned char *)close, strlen(close)) == yajl_status_ok &&
                yajl_complete_parse(parser) == yajl_status_ok;
    yajl_free(parser);
    return fine;
}

/* Within an array too: the parser overlooks an open quote after the last value. */
static inline bool json_judge(const char *text, size_t len)
{
    return json_judge_between("", text, len, "") && json_judge_between("[", text, len, "]");
}

#endif
