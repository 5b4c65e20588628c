// The Java side of lavis4j/stored.h: the native methods of io.lavis4j.tensor.StoredLibrary. Java knows
// the memory of tensors by addresses.
#include <jni.h>

#include "lavis4j/stored.h"

namespace {

template <typename T>
T* At(jlong address) {
  return reinterpret_cast<T*>(address);
}

lavis4j_stored_product Product(jlong rows, jlong outputs, jlong depth, jlong x, jlong scale,
                               jlong bias, jlong y, jint threads) {
  return {rows, outputs, depth, At<const float>(x), At<const float>(scale), At<const float>(bias),
          At<float>(y), threads};
}

}  // namespace

extern "C" {

JNIEXPORT void JNICALL Java_io_lavis4j_tensor_StoredLibrary_bf16(
    JNIEnv* /*env*/, jclass /*type*/, jlong weights, jlong rows, jlong outputs, jlong depth,
    jlong x, jlong scale, jlong bias, jlong y, jint threads) {
  const auto product = Product(rows, outputs, depth, x, scale, bias, y, threads);
  lavis4j_stored_bf16(At<const uint16_t>(weights), &product);
}

JNIEXPORT void JNICALL Java_io_lavis4j_tensor_StoredLibrary_int8(
    JNIEnv* /*env*/, jclass /*type*/, jlong weights, jlong rows, jlong outputs, jlong depth,
    jlong x, jlong scale, jlong bias, jlong y, jint threads) {
  const auto product = Product(rows, outputs, depth, x, scale, bias, y, threads);
  lavis4j_stored_int8(At<const int8_t>(weights), &product);
}

}  // extern "C"
