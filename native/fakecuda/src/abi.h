// The part of the CUDA 13 runtime's binary interface that libtorch uses: sizes, offsets and numbers as
// NVIDIA documents them, under names of our own.
#ifndef FAKECUDA_ABI_H
#define FAKECUDA_ABI_H

#include <stddef.h>

enum {
  SUCCESS = 0,
  INVALID_VALUE = 1,
  OUT_OF_MEMORY = 2,
  INVALID_CONFIGURATION = 9,
  INVALID_COPY_DIRECTION = 21,
  INSUFFICIENT_DRIVER = 35,
  NO_DEVICE = 100,
  INVALID_DEVICE = 101,
  NO_KERNEL_IMAGE = 209,
  INVALID_HANDLE = 400,
  NOT_READY = 600,
  ILLEGAL_ADDRESS = 700,
  NOT_SUPPORTED = 801
};
typedef int Error;

enum { HOST_TO_HOST = 0, HOST_TO_DEVICE = 1, DEVICE_TO_HOST = 2, DEVICE_TO_DEVICE = 3, BY_ADDRESS = 4 };
enum { UNREGISTERED = 0, PINNED = 1, DEVICE = 2 };

typedef struct { unsigned x, y, z; } Dim3;

typedef struct {
  int type;
  int device;
  void *device_pointer;
  void *host_pointer;
  long reserved[8];
} PointerAttributes;

typedef struct {
  Dim3 grid, block;
  size_t shared_bytes;
  void *stream;
  void *attributes;
  unsigned attribute_count;
} LaunchConfig;

typedef struct {
  size_t shared_bytes, const_bytes, local_bytes;
  int max_threads_per_block, registers, ptx_version, binary_version, cache_mode, max_dynamic_shared_bytes;
  int unused[24];
} FunctionAttributes;

typedef struct {
  char name[256];
  char uuid[16], luid[8];
  unsigned luid_mask;
  size_t total_memory, shared_per_block;
  int registers_per_block, warp_size;
  size_t memory_pitch;
  int max_threads_per_block, max_threads[3], max_grid[3];
  size_t total_const;
  int major, minor;
  size_t texture_alignment, texture_pitch_alignment;
  int multiprocessors, integrated, can_map_host;
  int textures_and_surfaces[39];
  size_t surface_alignment;
  int concurrent_kernels, ecc, pci_bus, pci_device, pci_domain, tcc, async_engines, unified_addressing;
  int memory_bus_width, l2_bytes, persisting_l2_bytes, max_threads_per_multiprocessor;
  int stream_priorities, global_l1, local_l1;
  size_t shared_per_multiprocessor;
  int registers_per_multiprocessor, managed_memory, multi_gpu[2], host_atomics, pageable_access;
  int concurrent_managed, preemption, registered_pointer, cooperative_launch;
  size_t shared_per_block_optin;
  int page_tables, direct_managed, max_blocks_per_multiprocessor, access_policy_window;
  size_t reserved_shared_per_block;
  int rest[75];
} DeviceProperties;

_Static_assert(sizeof(DeviceProperties) == 1008, "cudaDeviceProp of CUDA 13");
_Static_assert(offsetof(DeviceProperties, total_memory) == 288, "totalGlobalMem");
_Static_assert(offsetof(DeviceProperties, major) == 360, "major");
_Static_assert(offsetof(DeviceProperties, multiprocessors) == 384, "multiProcessorCount");
_Static_assert(offsetof(DeviceProperties, concurrent_kernels) == 560, "concurrentKernels");
_Static_assert(offsetof(DeviceProperties, max_threads_per_multiprocessor) == 604, "maxThreadsPerMultiProcessor");
_Static_assert(offsetof(DeviceProperties, shared_per_block_optin) == 672, "sharedMemPerBlockOptin");
_Static_assert(offsetof(DeviceProperties, max_blocks_per_multiprocessor) == 688, "maxBlocksPerMultiProcessor");
_Static_assert(sizeof(FunctionAttributes) == 144, "cudaFuncAttributes");
_Static_assert(sizeof(PointerAttributes) == 88, "cudaPointerAttributes");

#endif
