/**
 * Published files brought to this machine: the catalog of data sets and weights ({@link io.lavis4j.download.Catalog}),
 * transfers that go on where they were interrupted, archives, and the cache of the Hugging Face hub. What servers and
 * archives say is data that is checked: addresses are http or https, names come from the catalog, and nothing is
 * written outside of the root.
 */
@NullMarked
package io.lavis4j.download;

import org.jspecify.annotations.NullMarked;
