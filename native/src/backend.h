// The BLAS that computes, and who says how many threads there are.
#ifndef LAVIS4J_SRC_BACKEND_H_
#define LAVIS4J_SRC_BACKEND_H_

#include "fortran.h"
#include "lavis4j/blas.h"

namespace lavis4j {

template <typename T>
struct Functions {
  GemmFunction<T>* gemm = nullptr;
  GemvFunction<T>* gemv = nullptr;
};

// The backend's functions for float or double. Ends the process where there is no backend yet: a
// product that is not computed must not go unnoticed.
template <typename T>
const Functions<T>& BackendFunctions();

// Whether there is a backend already.
bool HasBackend();

lavis4j_blas_status OpenBackend(const char* path);
lavis4j_blas_status FollowLibtorch(const char* path);
lavis4j_blas_status ReleaseBackend();

// Whether products go to the backend whole, as they came.
bool IsReleased();

// Whether this thread is already part of somebody's OpenMP team.
bool InParallelRegion();

// Threads that a product on this thread may use, at least 1; 1 inside any parallel region.
int TeamSize();

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_BACKEND_H_
