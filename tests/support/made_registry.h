/* made_registry.h - a schema registry of a few answers, on a thread and a loopback port of its own. */
#ifndef RF_MADE_REGISTRY_H
#define RF_MADE_REGISTRY_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <time.h>

#include "rf_check.h"

typedef struct made_answer {
    const char *path; /* NULL ends a list */
    int status;
    const char *body;
} made_answer;

typedef struct made_registry {
    int listener;
    pthread_t thread;
    const made_answer *answers;
    const char *authorization; /* asked for; NULL: nothing is */
    atomic_int busy;           /* so many requests are answered 503 first */
    atomic_int slow_ms;        /* each answer takes that long */
    atomic_int requests;
    char url[64];
} made_registry;

static inline void made_registry_reply(int peer, int status, const char *body)
{
    char head[256];
    int n = snprintf(head, sizeof head,
                     "HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %zu\r\nConnection: "
                     "close\r\n\r\n",
                     status, strlen(body));
    if (send(peer, head, (size_t)n, MSG_NOSIGNAL) == n) /* who asks may have given up */
        (void)!send(peer, body, strlen(body), MSG_NOSIGNAL);
}

static inline void made_registry_answer(made_registry *registry, int peer)
{
    char request[4096];
    size_t len = 0;
    ssize_t n = 1;
    request[0] = '\0';
    while (n > 0 && len + 1 < sizeof request && strstr(request, "\r\n\r\n") == NULL) {
        n = read(peer, request + len, sizeof request - len - 1);
        len += n > 0 ? (size_t)n : 0;
        request[len] = '\0';
    }
    if (len == 0)
        return;
    atomic_fetch_add(&registry->requests, 1);
    const struct timespec pause = {.tv_nsec = atomic_load(&registry->slow_ms) * 1000000L};
    (void)nanosleep(&pause, NULL);
    if (atomic_load(&registry->busy) > 0) {
        atomic_fetch_sub(&registry->busy, 1);
        made_registry_reply(peer, 503, "busy");
        return;
    }
    if (registry->authorization != NULL && strstr(request, registry->authorization) == NULL) {
        made_registry_reply(peer, 401, "{\"error_code\":401,\"message\":\"Unauthorized\"}");
        return;
    }
    char *path = strchr(request, ' ') + 1;
    *strchr(path, ' ') = '\0';
    for (const made_answer *answer = registry->answers; answer->path != NULL; answer++) {
        if (strcmp(path, answer->path) == 0) {
            made_registry_reply(peer, answer->status, answer->body);
            return;
        }
    }
    made_registry_reply(peer, 404, "{\"error_code\":40403,\"message\":\"Schema not found\"}");
}

static inline void *made_registry_run(void *argument)
{
    made_registry *registry = argument;
    for (;;) {
        int peer = accept(registry->listener, NULL, NULL);
        if (peer < 0)
            return NULL;
        made_registry_answer(registry, peer);
        close(peer);
    }
}

static inline void made_registry_start(made_registry *registry, const made_answer *answers)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    registry->listener = socket(AF_INET, SOCK_STREAM, 0);
    registry->answers = answers;
    registry->authorization = NULL;
    atomic_init(&registry->busy, 0);
    atomic_init(&registry->slow_ms, 0);
    atomic_init(&registry->requests, 0);
    ck_assert_int_ge(registry->listener, 0);
    ck_assert_int_eq(bind(registry->listener, (struct sockaddr *)&address, size), 0);
    ck_assert_int_eq(listen(registry->listener, 8), 0);
    ck_assert_int_eq(getsockname(registry->listener, (struct sockaddr *)&address, &size), 0);
    snprintf(registry->url, sizeof registry->url, "http://127.0.0.1:%d", ntohs(address.sin_port));
    ck_assert_int_eq(pthread_create(&registry->thread, NULL, made_registry_run, registry), 0);
}

static inline void made_registry_stop(made_registry *registry)
{
    (void)shutdown(registry->listener, SHUT_RDWR);
    pthread_join(registry->thread, NULL);
    close(registry->listener);
}

#endif
