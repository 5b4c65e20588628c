// The Java side: io.lavis4j.fakecuda.FakeCuda, a class of the tests.
#include "memory.h"
#include "record.h"
#include "state.h"

#include <jni.h>
#include <stdlib.h>

static jobjectArray strings(JNIEnv *env, char **lines, size_t count) {
  jclass type = (*env)->FindClass(env, "java/lang/String");
  jobjectArray array = type ? (*env)->NewObjectArray(env, (jsize)count, type, NULL) : NULL;
  for (size_t i = 0; array && i < count; i++) {
    jstring line = (*env)->NewStringUTF(env, lines[i]);
    (*env)->SetObjectArrayElement(env, array, (jsize)i, line);
    (*env)->DeleteLocalRef(env, line);
  }
  return array;
}

// Events of each kind since the start, in the order of Kind.
JNIEXPORT jlongArray JNICALL Java_io_lavis4j_fakecuda_FakeCuda_counts(JNIEnv *env, jclass type) {
  (void)type;
  jlong values[KIND_COUNT];
  pthread_mutex_lock(&lock);
  for (int i = 0; i < KIND_COUNT; i++) {
    values[i] = counts[i];
  }
  pthread_mutex_unlock(&lock);
  jlongArray array = (*env)->NewLongArray(env, KIND_COUNT);
  if (array) {
    (*env)->SetLongArrayRegion(env, array, 0, KIND_COUNT, values);
  }
  return array;
}

JNIEXPORT void JNICALL Java_io_lavis4j_fakecuda_FakeCuda_startTrace(JNIEnv *env, jclass type) {
  (void)env, (void)type;
  pthread_mutex_lock(&lock);
  start_trace();
  pthread_mutex_unlock(&lock);
}

// Lines of kind, what, bytes, stream and thread, with tabs between.
JNIEXPORT jobjectArray JNICALL Java_io_lavis4j_fakecuda_FakeCuda_stopTrace(JNIEnv *env, jclass type) {
  (void)type;
  char **lines;
  pthread_mutex_lock(&lock);
  size_t count = stop_trace(&lines);
  pthread_mutex_unlock(&lock);
  return strings(env, lines, count);
}

JNIEXPORT jobjectArray JNICALL Java_io_lavis4j_fakecuda_FakeCuda_takeViolations(JNIEnv *env, jclass type) {
  (void)type;
  char *messages[MAX_VIOLATIONS];
  pthread_mutex_lock(&lock);
  int count = take_violations(messages);
  pthread_mutex_unlock(&lock);
  jobjectArray array = strings(env, messages, (size_t)count);
  for (int i = 0; i < count; i++) {
    free(messages[i]);
  }
  return array;
}

JNIEXPORT void JNICALL Java_io_lavis4j_fakecuda_FakeCuda_limitMemory(JNIEnv *env, jclass type, jint device, jlong bytes) {
  (void)env, (void)type;
  pthread_mutex_lock(&lock);
  limit_memory(device, (size_t)bytes);
  pthread_mutex_unlock(&lock);
}

JNIEXPORT jlong JNICALL Java_io_lavis4j_fakecuda_FakeCuda_usedMemory(JNIEnv *env, jclass type, jint device) {
  (void)env, (void)type;
  pthread_mutex_lock(&lock);
  size_t used = used_memory(device);
  pthread_mutex_unlock(&lock);
  return (jlong)used;
}
