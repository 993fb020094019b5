
/*
 * Copyright (C) llm-policy authors
 *
 * The arrays in requests whose elements are the messages of a prompt, by API.
 * Sources are those of the dialects, November 2026.
 */


#include "dialect/llmp_dialect_tables.h"


/* chat of OpenAI, Anthropic, Bedrock, Mistral, Ollama and compatible servers */

const char *const  llmp_messages[] = { "messages", NULL };


/* Gemini: generateContent; countTokens, whose request may be inside */

const char *const  llmp_messages_contents[] = { "contents", NULL };

const char *const  llmp_messages_counted[] = {
    "contents", "generateContentRequest.contents",
    "generate_content_request.contents", NULL
};


/* OpenAI's responses */

const char *const  llmp_messages_input[] = { "input", NULL };


/* Mistral's conversations */

const char *const  llmp_messages_inputs[] = { "inputs", NULL };


/* Cohere: version 2 of its API, and version 1 */

const char *const  llmp_messages_history[] = {
    "messages", "chat_history", NULL
};


/* OpenAI's assistants: threads and their runs */

const char *const  llmp_messages_thread[] = {
    "messages", "additional_messages", "thread.messages", NULL
};
