
/*
 * Copyright (C) llm-policy authors
 *
 * A request in JSON whose path several APIs have: a member at the top is in
 * requests of one of them only.  The body is read up to that member, then again
 * in the dialect of its API.
 */


#include "base/llmp_buf.h"
#include "body/llmp_body_state.h"
#include "decide/llmp_decision.h"
#include "dialect/llmp_dialect.h"


static llmp_int_t llmp_body_choice_init(llmp_body_t *body);
static llmp_int_t llmp_body_choice_decide(llmp_body_t *body);
static llmp_int_t llmp_body_choice_check(llmp_body_t *body);
static llmp_int_t llmp_body_choice_refuse(llmp_body_t *body);
static const llmp_dialect_t *llmp_body_choice_dialect(const llmp_body_t *body,
    const llmp_member_t *m);


const llmp_body_kind_t  llmp_body_choice = {
    llmp_body_choice_init,
    llmp_body_json_feed,
    llmp_body_choice_decide,
    llmp_body_json_init
};


static llmp_int_t
llmp_body_choice_init(llmp_body_t *body)
{
    body->chooser = body->decision.dialect;
    body->nseen = 0;

    return llmp_body_json_init(body);
}


static llmp_int_t
llmp_body_choice_decide(llmp_body_t *body)
{
    if (llmp_scan_feed(&body->scan, (u_char *) "", 0, 1) != LLMP_OK) {
        body->decision.refusal = body->scan.refusal;
        return LLMP_ERROR;
    }

    if (body->decision.dialect == body->chooser) {
        return (llmp_body_choice_find(body) == LLMP_OK)
               ? LLMP_DECLINED : llmp_body_choice_refuse(body);
    }

    return (llmp_body_choice_check(body) == LLMP_OK)
           ? llmp_body_json_decide(body) : LLMP_ERROR;
}


llmp_int_t
llmp_body_choice_find(llmp_body_t *body)
{
    const llmp_dialect_t  *dialect;
    const llmp_members_t  *members;

    members = &body->scan.members;

    while (body->nseen < members->nelts) {
        dialect = llmp_body_choice_dialect(body,
                                           &members->elts[body->nseen++]);

        if (dialect != NULL) {
            body->decision.dialect = dialect;
            return LLMP_OK;
        }
    }

    return LLMP_AGAIN;
}


/* refuses a request with members of two APIs: another one than the policy holds
   it to might read it */

static llmp_int_t
llmp_body_choice_check(llmp_body_t *body)
{
    char                   path[LLMP_PARAM_NAME];
    uint32_t               i;
    const llmp_member_t   *m;
    const llmp_dialect_t  *dialect;

    for (i = 0; i < body->scan.members.nelts; i++) {
        m = &body->scan.members.elts[i];
        dialect = llmp_body_choice_dialect(body, m);

        if (dialect != NULL && dialect != body->decision.dialect) {
            return llmp_refuse(&body->decision.refusal,
                               LLMP_REFUSE_AMBIGUOUS_MEMBER,
                               llmp_watch_write_path(m->watch, path,
                                                     sizeof(path)),
                               "%s is a member of %s, but the request has one "
                               "of %s, too; send one of them", path,
                               (char *) dialect->name.data,
                               (char *) body->decision.dialect->name.data);
        }
    }

    return LLMP_OK;
}


/* refuses a request without any of the members, with a list of them: "text or
   input_ids (sglang.generate), or inputs (tgi.generate)" */

static llmp_int_t
llmp_body_choice_refuse(llmp_body_t *body)
{
    char                  text[LLMP_MESSAGE_MAX];
    llmp_buf_t            list;
    const llmp_choice_t  *choice;

    llmp_buf_init(&list, (u_char *) text, sizeof(text) - 1);

    for (choice = body->chooser->choices; choice->name != NULL; choice++) {
        llmp_buf_add_text(&list, choice->name);

        if (choice[1].dialect == choice->dialect) {
            llmp_buf_add_text(&list, " or ");
            continue;
        }

        llmp_buf_add_text(&list, " (");
        llmp_buf_add_str(&list, &choice->dialect->name);
        llmp_buf_add_text(&list, (choice[1].name != NULL) ? "), or " : ")");
    }

    text[(list.len < sizeof(text)) ? list.len : sizeof(text) - 1] = '\0';

    return llmp_refuse(&body->decision.refusal, LLMP_REFUSE_PARAMETER_REQUIRED,
                       body->chooser->choices->name,
                       "several APIs have this path: the request must have %s",
                       text);
}


/* returns the dialect of the API that has a member, or NULL if several have
   it */

static const llmp_dialect_t *
llmp_body_choice_dialect(const llmp_body_t *body, const llmp_member_t *m)
{
    const llmp_choice_t  *choice;

    if (m->watch->rules.role != LLMP_ROLE_CHOICE || m->type == LLMP_TYPE_NULL)
    {
        return NULL;
    }

    for (choice = body->chooser->choices; choice->name != NULL; choice++) {
        if (llmp_str_is(&m->watch->name, choice->name)) {
            return choice->dialect;
        }
    }

    return NULL;
}
