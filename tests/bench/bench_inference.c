// quick
#include "stepping.h"
#include "sixteenths.h"
#include <stdio.h>
int main(int argc,char**argv){(void)argv;
  const char*files[]={"presets/ritornello.safetensors","/tmp/exp/article.safetensors"};
  if(argc<2)sixteenths_write(files[1],512);
  for(int i=0;i<2;i++){struct weights*w;struct error e;if(weights_load(files[i],&w,&e)){printf("%s\n",e.text);continue;}
   struct stepping s;stepping_measure(w,i?60:5000,&s);
   printf("%s median %.1f p999 %.1f bytes %.0f limit %.1f ratio %.2f  ns/kop %.1f ops %u\n",files[i],s.us_median,s.us_p999,s.bytes,s.limit_us,s.us_median/s.limit_us,s.ns_per_thousand,w->network->step_operations);weights_free(w);}
}
