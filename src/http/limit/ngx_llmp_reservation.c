
/*
 * Copyright (C) llm-policy authors
 */


#include "limit/ngx_llmp_reservation.h"


llmp_limit_entry_t *
ngx_llmp_reservation_least(ngx_llmp_reservation_t *reservation,
    llmp_limit_e limit)
{
    ngx_uint_t           i;
    llmp_limit_entry_t  *entry, *least;

    least = NULL;

    for (i = 0; i < reservation->nentries; i++) {
        entry = &reservation->entries[i];

        if (!(entry->limits->set & llmp_limit_bit(limit))) {
            continue;
        }

        if (least == NULL
            || llmp_limit_remaining(entry, limit)
               < llmp_limit_remaining(least, limit))
        {
            least = entry;
        }
    }

    return least;
}
