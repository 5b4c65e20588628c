// The Java side of lavis4j/blas.h: the native methods of io.lavis4j.tensor.BlasShim.
#include <jni.h>

#include "lavis4j/blas.h"

namespace {

template <typename T>
T* At(jlong address) {
  return reinterpret_cast<T*>(address);
}

// Calls function with the characters of path, or with null for null.
jint WithPath(JNIEnv* env, jstring path, lavis4j_blas_status (*function)(const char*)) {
  if (path == nullptr) {
    return function(nullptr);
  }
  const char* characters = env->GetStringUTFChars(path, nullptr);
  if (characters == nullptr) {
    return LAVIS4J_BLAS_BAD_ARGUMENT;  // an OutOfMemoryError is pending
  }
  const lavis4j_blas_status status = function(characters);
  env->ReleaseStringUTFChars(path, characters);
  return status;
}

}  // namespace

extern "C" {

JNIEXPORT jint JNICALL Java_io_lavis4j_tensor_BlasShim_init(JNIEnv* env, jclass /*type*/,
                                                            jstring openblas_path) {
  return WithPath(env, openblas_path, lavis4j_blas_init);
}

JNIEXPORT jint JNICALL Java_io_lavis4j_tensor_BlasShim_follow(JNIEnv* env, jclass /*type*/,
                                                              jstring libtorch_path) {
  return WithPath(env, libtorch_path, lavis4j_blas_follow);
}

JNIEXPORT jint JNICALL Java_io_lavis4j_tensor_BlasShim_release(JNIEnv* /*env*/, jclass /*type*/) {
  return lavis4j_blas_release();
}

// Java knows the memory of tensors by addresses.
JNIEXPORT jint JNICALL Java_io_lavis4j_tensor_BlasShim_dense(
    JNIEnv* /*env*/, jclass /*type*/, jlong rows, jlong depth, jlong outputs, jlong x,
    jlong weights, jlong bias, jlong residual, jint activation, jlong y) {
  const lavis4j_blas_layer layer{rows,
                                 depth,
                                 outputs,
                                 At<const float>(x),
                                 At<const float>(weights),
                                 At<const float>(bias),
                                 At<const float>(residual),
                                 activation,
                                 At<float>(y)};
  return lavis4j_blas_dense(&layer);
}

JNIEXPORT jstring JNICALL Java_io_lavis4j_tensor_BlasShim_instructions(JNIEnv* env,
                                                                       jclass /*type*/) {
  return env->NewStringUTF(lavis4j_blas_instructions());
}

// The counts in the order of the C structure.
JNIEXPORT jlongArray JNICALL Java_io_lavis4j_tensor_BlasShim_readCounts(JNIEnv* env,
                                                                        jclass /*type*/) {
  lavis4j_blas_counts counts;
  lavis4j_blas_read_counts(&counts);
  const jlong values[] = {counts.products, counts.nested, counts.split, counts.blocks};
  constexpr jsize kSize = sizeof(values) / sizeof(values[0]);
  jlongArray array = env->NewLongArray(kSize);
  if (array != nullptr) {
    env->SetLongArrayRegion(array, 0, kSize, values);
  }
  return array;
}

}  // extern "C"
