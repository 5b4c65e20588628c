package io.lavis4j.quickstart;

/**
 * An image's place in the two collections that Sherlock is made of: Visual Genome and VCR.
 *
 * @param path from the root of the corpus
 * @param url as annotations have it
 */
record ImageFile(String path, String url) {

    private static final String VISUAL_GENOME = "https://cs.stanford.edu/people/rak248/";
    private static final String VCR = "http://s3-us-west-2.amazonaws.com/ai2-rowanz/";
    private static final int FIRST_NUMBER = 9_200_000; // beyond the numbers of Visual Genome
    private static final int IMAGES_PER_FILM = 100;

    /** Images take turns in the three folders. */
    static ImageFile numbered(int number) {
        if (number % 3 < 2) {
            String name = (number % 3 == 0 ? "VG_100K/" : "VG_100K_2/") + (FIRST_NUMBER + number) + ".jpg";
            return new ImageFile("vg/images/" + name, VISUAL_GENOME + name);
        }
        int film = 9200 + number / IMAGES_PER_FILM, second = 10 + number % IMAGES_PER_FILM / 3;
        String name = "vcr1images/lsmdc_%1$d_DRAWN/%1$d_DRAWN_00.01.%2$d.000-00.01.%2$d.900@%3$d.jpg"
                .formatted(film, second, number % 7);
        return new ImageFile(name, VCR + name);
    }
}
