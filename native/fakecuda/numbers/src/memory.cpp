#include "memory.h"

#include <ATen/ops/empty_strided.h>
#include <c10/core/CPUAllocator.h>

// The fake runtime's: the host address of the bytes of device memory.
extern "C" void* fake_cuda_shadow(const void* device_pointer);

namespace lavis4j::numbers {
namespace {

// The bytes of a storage, which the CUDA tensor goes on owning.
c10::Storage bytes_of(const c10::Storage& storage) {
  void* bytes = storage.nbytes() == 0 ? nullptr : fake_cuda_shadow(storage.data());
  TORCH_CHECK(storage.nbytes() == 0 || bytes != storage.data(),
              "a CUDA tensor lies at ", storage.data(), ", which is not the fake runtime's");
  return c10::Storage(c10::Storage::use_byte_size_t(), storage.nbytes(),
                      c10::DataPtr(bytes, c10::Device(c10::kCPU)), c10::GetCPUAllocator(),
                      /*resizable=*/true);
}

}  // namespace

at::Tensor on_host(const at::Tensor& tensor) {
  if (!tensor.defined() || !tensor.is_cuda()) {
    return tensor;
  }
  at::Tensor host = at::detail::make_tensor<c10::TensorImpl>(
      bytes_of(tensor.storage()), c10::DispatchKeySet(c10::DispatchKey::CPU), tensor.dtype());
  host.unsafeGetTensorImpl()->set_sizes_and_strides(tensor.sizes(), tensor.strides(),
                                                    tensor.storage_offset());
  return host;
}

at::Tensor on_device(const at::Tensor& tensor, c10::Device device) {
  if (!tensor.defined() || tensor.is_cuda()) {
    return tensor;
  }
  const at::Tensor dense = tensor.is_non_overlapping_and_dense() ? tensor : tensor.contiguous();
  at::Tensor result =
      at::empty_strided(dense.sizes(), dense.strides(), dense.options().device(device));
  on_host(result).copy_(dense);
  return result;
}

void write_back(const at::Tensor& host, const at::Tensor& tensor) {
  if (!host.defined() || !tensor.is_cuda()) {
    return;
  }
  if (host.sizes() != tensor.sizes()) {
    tensor.resize_(host.sizes());
    tensor.as_strided_(host.sizes(), host.strides());
  }
  const at::Tensor place = on_host(tensor);
  if (place.numel() > 0 && place.data_ptr() != host.data_ptr()) {
    place.copy_(host);
  }
}

}  // namespace lavis4j::numbers
