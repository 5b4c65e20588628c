package io.lavis4j.caption;

/**
 * What was done.
 *
 * @param captioned images that were captioned now
 * @param failed images that could not be read
 * @param kept images that were done before
 */
public record BulkTally(long captioned, long failed, long kept) {}
