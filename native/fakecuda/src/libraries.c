// Stand-ins of the libraries beside the runtime. Most of their functions are made by the build from
// symbols.txt and only count their calls; these give an answer that libtorch looks at.
#include <stddef.h>
#include <stdint.h>
#include <string.h>

int fake_cuda_called(const char *function);

#define HANDLE ((void *)16) // handed out, never looked into

#define CREATES(function) \
  int function(void **handle) { *handle = HANDLE; return fake_cuda_called(#function); }

#if defined(LIBRARY_cublas)
CREATES(cublasCreate_v2)
int cublasGetPointerMode_v2(void *handle, int *mode) { (void)handle; *mode = 0; return 0; }
int cublasGetMathMode(void *handle, int *mode) { (void)handle; *mode = 0; return 0; }

#elif defined(LIBRARY_cublasLt)
CREATES(cublasLtCreate)
CREATES(cublasLtMatmulDescCreate)
CREATES(cublasLtMatmulPreferenceCreate)
CREATES(cublasLtMatrixLayoutCreate)
size_t cublasLtGetVersion(void) { return 130500; }
int cublasLtMatmulAlgoGetHeuristic(void *handle, void *operation, void *a, void *b, void *c, void *d, void *preference,
    int asked, void *results, int *found) {
  (void)handle, (void)operation, (void)a, (void)b, (void)c, (void)d, (void)preference, (void)asked, (void)results;
  *found = 1;
  return 0;
}

#elif defined(LIBRARY_cudnn)
CREATES(cudnnCreate)
size_t cudnnGetVersion(void) { return 92500; }
size_t cudnnGetCudartVersion(void) { return 13030; }
const char *cudnnGetErrorString(int error) { (void)error; return "an error of the fake cuDNN"; }
int cudnnBackendCreateDescriptor(int type, void **descriptor) {
  (void)type;
  *descriptor = HANDLE;
  return fake_cuda_called("cudnnBackendCreateDescriptor");
}
int cudnnBackendGetAttribute(void *descriptor, int name, int type, int64_t asked, int64_t *found, void *values) {
  enum { INT64 = 3 };
  (void)descriptor, (void)name;
  if (found) {
    *found = 1;
  }
  if (values && type == INT64) {
    memset(values, 0, (size_t)asked * sizeof(int64_t));
  }
  return 0;
}

#elif defined(LIBRARY_cuda)
int cuInit(unsigned flags) { (void)flags; return 0; }
int cuDriverGetVersion(int *version) { int cudaDriverGetVersion(int *); return cudaDriverGetVersion(version); }
int cuDeviceGetCount(int *count) { int cudaGetDeviceCount(int *); return cudaGetDeviceCount(count); }
int cuDevicePrimaryCtxGetState(int device, unsigned *flags, int *active) { (void)device; *flags = 0; *active = 1; return 0; }
int cuCtxGetCurrent(void **context) { *context = HANDLE; return 0; }
int cuGetErrorString(int error, const char **text) { (void)error; *text = "an error of the fake driver"; return 0; }

#elif defined(LIBRARY_nccl)
int ncclGetVersion(int *version) { *version = 23007; return 0; }
const char *ncclGetErrorString(int error) { (void)error; return "an error of the fake NCCL"; }
const char *ncclGetLastError(void *communicator) { (void)communicator; return "an error of the fake NCCL"; }

#elif defined(LIBRARY_nvrtc)
CREATES(nvrtcCreateProgram) // whoever compiles a kernel at run time is seen in the trace
int nvrtcVersion(int *major, int *minor) { *major = 13; *minor = 3; return 0; }
int nvrtcGetPTXSize(void *program, size_t *bytes) { (void)program; *bytes = 8; return 0; }
int nvrtcGetCUBINSize(void *program, size_t *bytes) { (void)program; *bytes = 8; return 0; }
int nvrtcGetProgramLogSize(void *program, size_t *bytes) { (void)program; *bytes = 1; return 0; }
int nvrtcGetLoweredName(void *program, const char *name, const char **lowered) { (void)program; *lowered = name; return 0; }
const char *nvrtcGetErrorString(int error) { (void)error; return "an error of the fake NVRTC"; }
#endif
