package io.lavis4j.download;

import java.nio.file.Path;

/**
 * The Hugging Face hub and its cache on this machine.
 *
 * @param cache {@link Caches#hub}
 * @param settings of who asks
 * @param http by which it is asked
 * @param attempts at each question
 */
record Hub(Path cache, HubSettings settings, Http http, Attempts attempts) {}
