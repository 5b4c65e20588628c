/* What CUDA's runtime says about driver and devices, asked without CUDA's headers or libraries.
 *
 * The runtime is the one that a library of this process has loaded; nothing is loaded here, and no
 * context is made, so that asking costs no memory of a device. */
#ifndef LAVIS4J_CUDA_H_
#define LAVIS4J_CUDA_H_

#include <stdint.h>

#if defined(__GNUC__)
#define LAVIS4J_EXPORT __attribute__((visibility("default")))
#else
#define LAVIS4J_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef int32_t lavis4j_cuda_status;

#define LAVIS4J_CUDA_OK 0
#define LAVIS4J_CUDA_NOT_LOADED 1   /* the library is not in this process */
#define LAVIS4J_CUDA_NO_SYMBOL 2    /* the library does not depend on CUDA's runtime */
#define LAVIS4J_CUDA_BAD_ARGUMENT 3 /* a null pointer */
#define LAVIS4J_CUDA_REFUSED 4      /* the runtime knows no such device */

#define LAVIS4J_CUDA_TEXT 256

/* Versions are 1000 * major + 10 * minor. */
typedef struct {
  int32_t runtime;                 /* version of the runtime */
  int32_t driver;                  /* the newest CUDA that the driver knows; 0 without a driver */
  int32_t error;                   /* CUDA's error when it counts its devices; 0 for none */
  int32_t devices;                 /* 0 with an error */
  char message[LAVIS4J_CUDA_TEXT]; /* the error in CUDA's words; empty for none */
} lavis4j_cuda_state;

typedef struct {
  char name[LAVIS4J_CUDA_TEXT];
  int64_t memory; /* bytes */
  int32_t major;  /* of the compute capability */
  int32_t minor;
} lavis4j_cuda_device;

/* Asks the runtime that the library of this name, as libtorch_cuda.so, depends on. */
LAVIS4J_EXPORT lavis4j_cuda_status lavis4j_cuda_read(const char* library,
                                                     lavis4j_cuda_state* state);

/* The device of this index, from 0. */
LAVIS4J_EXPORT lavis4j_cuda_status lavis4j_cuda_read_device(const char* library, int32_t index,
                                                            lavis4j_cuda_device* device);

#ifdef __cplusplus
}
#endif

#endif /* LAVIS4J_CUDA_H_ */
