/**
 * Records of annotation files, in the forms that data sets are published in: each data set says by a
 * {@link io.lavis4j.dataset.record.RecordReader} what it takes of a record, and what is wrong with one is told in the
 * same words everywhere.
 */
@NullMarked
package io.lavis4j.dataset.record;

import org.jspecify.annotations.NullMarked;
