package io.lavis4j.dataset.caption;

import java.util.List;

/**
 * An image and what is said of it.
 *
 * @param image place of the file below its folder
 * @param id of the image in results
 * @param captions in the order of the files; empty where they are not published
 */
public record ImageCaptions(String image, String id, List<String> captions) {

    public ImageCaptions {
        captions = List.copyOf(captions);
    }
}
