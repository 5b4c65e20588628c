// Device memory of the fake runtime, seen as CPU tensors.
#ifndef LAVIS4J_FAKECUDA_NUMBERS_MEMORY_H_
#define LAVIS4J_FAKECUDA_NUMBERS_MEMORY_H_

#include <ATen/core/Tensor.h>

namespace lavis4j::numbers {

// A CPU tensor over the bytes of a CUDA tensor; any other tensor as it is. The CUDA tensor must
// outlive it. It can be resized, and then has memory of its own: see `write_back`.
at::Tensor on_host(const at::Tensor& tensor);

// A new tensor on a CUDA device with the numbers and, where they are dense, the strides of a CPU
// tensor. Any other tensor as it is.
at::Tensor on_device(const at::Tensor& tensor, c10::Device device);

// Gives `tensor` the shape and the numbers of `host`, which `on_host` made of it, if a kernel has
// resized that one.
void write_back(const at::Tensor& host, const at::Tensor& tensor);

}  // namespace lavis4j::numbers

#endif  // LAVIS4J_FAKECUDA_NUMBERS_MEMORY_H_
