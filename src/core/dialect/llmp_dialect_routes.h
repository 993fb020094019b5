
/*
 * Copyright (C) llm-policy authors
 *
 * The built-in routes.
 */


#ifndef LLMP_DIALECT_ROUTES_H_INCLUDED_
#define LLMP_DIALECT_ROUTES_H_INCLUDED_


#include "dialect/llmp_dialect.h"


/*
 * "{}" in a path matches a segment, or part of one, that is not empty;
 * "{model}" matches the same, and is the model; "{model:text}" matches only if
 * the model contains the text.
 */

typedef struct {
    const char              *path;
    const llmp_dialect_t    *dialect;
    llmp_uint_t              prefixed;  /* after any of llmp_route_prefixes[] */
} llmp_dialect_route_t;


extern const llmp_dialect_route_t  llmp_routes[];  /* ended by path NULL */
extern const char *const           llmp_route_prefixes[];  /* ended by NULL */


/*
 * Finds the built-in route of a normalised path without a query.  Returns its
 * dialect, or NULL.  Sets *model to the model in the path, which is not copied,
 * or to an empty string.
 */
const llmp_dialect_t *llmp_dialect_routes_find(const llmp_str_t *path,
    llmp_str_t *model);

/* returns the dialect of a path that a route matches, the first of those
   without a variable part that do: an earlier one with such a part precedes
   it */
const llmp_dialect_t *llmp_dialect_routes_first(const llmp_str_t *path,
    const llmp_dialect_route_t *route);

/*
 * Returns whether a path, in lower case, equals that of a built-in route except
 * for case, or ends like one that generates something: some servers compare
 * only the end, and a location may pass a part of the path.
 */
llmp_uint_t llmp_dialect_routes_resemble(const llmp_str_t *path);

/*
 * Returns whether a path, in lower case and without slashes at its end, ends
 * like one on which a known API or server generates something, though it has no
 * built-in route.
 */
llmp_uint_t llmp_dialect_routes_generate(const llmp_str_t *path);


#endif /* LLMP_DIALECT_ROUTES_H_INCLUDED_ */
