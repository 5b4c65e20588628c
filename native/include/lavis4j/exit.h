/* How the process ends.
 *
 * exit() runs the destructors of every library while other threads go on. A thread that computes
 * with libtorch then reads tables that are gone, and the process dies of SIGSEGV in place of ending
 * with its status. */
#ifndef LAVIS4J_EXIT_H_
#define LAVIS4J_EXIT_H_

#include <stdint.h>

#if defined(__GNUC__)
#define LAVIS4J_EXPORT __attribute__((visibility("default")))
#else
#define LAVIS4J_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* exit() from now on flushes C's streams and ends the process with its status, without a destructor
 * or function that was registered before. What is registered later runs first. Returns 1, or -1 if
 * the C library refuses. */
LAVIS4J_EXPORT int32_t lavis4j_exit_without_destructors(void);

#ifdef __cplusplus
}
#endif

#endif /* LAVIS4J_EXIT_H_ */
