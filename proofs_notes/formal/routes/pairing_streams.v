(** R7 [ours] in RESIDUAL and STREAM (blueprint, section 3): there the rows of a pair are scaled, which does to z what
    scaling the outgoing weights does; V, A, U and with them Lambda stay. With n blocks of Lambda > 0 the constant is
    sqrt(1 + n).

    Definitions: [rescaled], row j times r_j; [stream_rescaled], the same in a STREAM; [places], what reads z: V or a
    block; [reader], [reads], [place_gain], its matrix, its length and its Lambda; [place_index], [place_weight],
    [place_effect], what a neuron does to all of them, side by side; [place_mass], its mass by them.
    Statements: R7. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu paths selection.
From Skipscape.networks Require Import networks blocks.
From Skipscape.lemmas Require Import perturb slots stream stream_mass.
From Skipscape.routes Require Import pairing.
Import ListNotations.
Open Scope R_scope.

Section Places.
Variables (X : data) (m : nat).
(** what reads z: None is V, Some h a block *)
Variables (dim : option nat -> nat) (M : option nat -> matrix) (g : option nat -> R) (places : list (option nat)).
Hypothesis Hg : forall b, In b places -> 0 <= g b.
Variables (z : nat -> nat -> R) (len : nat -> R) (sigma : R).
Hypothesis Hsigma : 0 <= sigma.
Hypothesis Hlen : forall j, 0 <= len j.
Hypothesis Hz : forall j, pnorm X (fun k => z k j) <= sigma * len j.

Definition place_index : list (option nat * (nat * nat)) :=
  flat_map (fun b => map (pair b) (list_prod (seq 0 (points X)) (seq 0 (dim b)))) places.
Definition place_weight (x : option nat * (nat * nat)) : R := weight X (fst (snd x)).
Definition place_effect (j : nat) (x : option nat * (nat * nat)) : R :=
  g (fst x) * (M (fst x) j (snd (snd x)) * z (fst (snd x)) j).
Definition place_mass (j : nat) : R := len j * \sum_(b in places) (g b * enorm (dim b) (M b j)).

Lemma place_sq (f : option nat * (nat * nat) -> R) : sq place_index place_weight f
  = \sum_(b in places) (l2norm X (dim b) (fun k a => f (b, (k, a))))^2.
Proof.
  unfold sq, place_index. generalize places as L. induction L as [|b L IH]; [easy|]. cbn [flat_map lsum].
  rewrite lsum_app, lsum_map, IH. f_equal. unfold l2norm. rewrite wnorm_sq by apply weight_fst.
  apply lsum_ext; intros [k c] _; easy.
Qed.

Lemma sum_squares {T : Type} (L : list T) (f : T -> R) : (forall b, In b L -> 0 <= f b) ->
  \sum_(b in L) (f b)^2 <= (\sum_(b in L) f b)^2.
Proof.
  induction L as [|b L IH]; intros Hf; [simpl; lra|]. cbn [lsum].
  pose proof (Hf b (or_introl eq_refl)). assert (0 <= \sum_(b in L) f b) by (apply lsum_nonneg; intros; apply Hf; now right).
  specialize (IH (fun c Hc => Hf c (or_intror Hc))). nra.
Qed.

Lemma place_bound j : sq place_index place_weight (place_effect j) <= sigma^2 * (place_mass j)^2.
Proof.
  rewrite place_sq. set (q := pnorm X (fun k => z k j)).
  assert (Hq : 0 <= q) by apply wnorm_nonneg.
  rewrite (lsum_ext places _ (fun b => (g b * (enorm (dim b) (M b j) * q))^2)).
  2:{ intros b Hb. unfold place_effect. cbn [fst snd]. rewrite (l2norm_scal_pos X (dim b) (g b)) by now apply Hg.
      do 2 f_equal. apply (wnorm_rank1 (seq 0 (points X)) (seq 0 (dim b)) (weight X) (fun k => z k j) (M b j)), weight_nonneg. }
  eapply Rle_trans; [apply (sum_squares places (fun b => g b * (enorm (dim b) (M b j) * q)))|].
  { intros b Hb. apply Rmult_le_pos; [now apply Hg|]. apply Rmult_le_pos; [apply enorm_nonneg | exact Hq]. }
  rewrite <- Rpow_mult_distr. set (S := \sum_(b in places) (g b * enorm (dim b) (M b j))).
  assert (HS : 0 <= S) by (apply lsum_nonneg; intros b Hb; apply Rmult_le_pos; [now apply Hg | apply enorm_nonneg]).
  replace (\sum_(b in places) (g b * (enorm (dim b) (M b j) * q))) with (S * q)
    by (unfold S; rewrite <- lsum_scal_r; apply lsum_ext; intros; ring).
  apply pow_incr. split; [now apply Rmult_le_pos|]. unfold place_mass. fold S.
  pose proof (Rmult_le_compat_l S _ _ HS (Hz j)) as H. fold q in H. lra.
Qed.

(** what all places together move by: sqrt of their number times the norm side by side *)
Lemma places_total (f : option nat * (nat * nat) -> R) :
  \sum_(b in places) (l2norm X (dim b) (fun k a => f (b, (k, a))))
  <= sqrt (INR (length places)) * sqrt (sq place_index place_weight f).
Proof.
  rewrite place_sq, <- sqrt_mult_alt by apply pos_INR.
  set (x := fun b => l2norm X (dim b) (fun k a => f (b, (k, a)))).
  assert (Hx : 0 <= \sum_(b in places) (x b)) by (apply lsum_nonneg; intros; apply l2norm_nonneg).
  change (\sum_(b in places) (x b) <= sqrt (INR (length places) * \sum_(b in places) (x b)^2)).
  rewrite <- (sqrt_pow2 (\sum_(b in places) (x b)) Hx) at 1. apply sqrt_le_1_alt.
  pose proof (Cauchy_Schwarz_sq places (fun _ => 1) x) as H. cbv beta in H.
  rewrite (lsum_ext places (fun b => 1 * x b) x) in H by (intros; ring).
  rewrite (lsum_ext places (fun _ => 1^2) (fun _ => 1)), lsum_const, Rmult_1_r in H by (intros; ring). exact H.
Qed.

(** R7's choice among the 2 l lightest *)
Lemma place_pairs l : (2 * l <= m)%nat -> (0 < l)%nat -> let S := \sum_(j < m) (place_mass j) in exists J rr,
  slots m l J /\ (forall j, In j J -> rr j = 0) /\ (forall j, 0 <= rr j) /\
  \sum_(j < m) (rr j * place_mass j) = S /\
  \sum_(b in places) (l2norm X (dim b) (fun k a => \sum_(j < m) ((rr j - 1) * (g b * (M b j a * z k j)))))
  <= 2 * sqrt (INR (length places)) * sigma * S * sqrt (INR l) / INR (m - 2 * l + 1).
Proof.
  intros Hlm Hl S. set (s := place_mass).
  assert (Hspos : forall j, 0 <= s j).
  { intros j. apply Rmult_le_pos; [apply Hlen|]. apply lsum_nonneg; intros b Hb.
    apply Rmult_le_pos; [now apply Hg | apply enorm_nonneg]. }
  destruct (lightest s m (2 * l) Hlm) as (K & HNK & HLK & HK & Hmin).
  destruct (pair_up l K HLK) as (T & HT & HLT).
  destruct (greedy_factors place_index place_weight) with (s := s) (phi := place_effect) (c := sigma^2) (T := T)
    as (J & r & HNJ & HLJ & Hincl & Hzero & Hr & Hmass & Hsq).
  { intros []; apply weight_nonneg. } { exact Hspos. } { now rewrite HT. }
  { intros j. apply place_bound. }
  rewrite HT in Hincl, Hmass, Hsq. set (n := INR (m - 2 * l + 1)).
  assert (Hn : 0 < n) by (apply lt_0_INR; lia).
  assert (Hshare : forall j, In j K -> s j <= S / n).
  { intros j Hj. pose proof (lightest_share s m K HNK HK Hspos Hmin j Hj) as H. rewrite HLK in H. fold n in H.
    apply (Rmult_le_reg_l n); [easy|]. replace (n * (S / n)) with S by (field; lra). exact H. }
  assert (HS0 : 0 <= S) by (apply lsum_nonneg; intros; apply Hspos).
  assert (HSn : 0 <= S / n) by (apply Rmult_le_pos; [easy | left; now apply Rinv_0_lt_compat]).
  set (rr := fun j => if mem j K then r j else 1). exists J, rr.
  split; [split; [easy|]; split; [lia|]; intros j Hj; now apply HK, Hincl|].
  split; [intros j Hj; unfold rr; rewrite (proj2 (mem_In j K)) by (now apply Hincl); now apply Hzero|].
  split; [intros j; unfold rr; destruct (mem j K); [apply Hr | lra]|].
  split.
  - unfold S. change place_mass with s. rewrite (lsum_split m K (fun j => rr j * s j) HNK HK), (lsum_split m K s HNK HK).
    f_equal.
    + transitivity (\sum_(j in K) (r j * s j)); [|exact Hmass].
      apply lsum_ext; intros j Hj. unfold rr. now rewrite (proj2 (mem_In j K)).
    + apply lsum_ext; intros j _. unfold rr. destruct (mem j K); ring.
  - set (f := fun x => \sum_(j in K) ((r j - 1) * place_effect j x)).
    rewrite (lsum_ext places _ (fun b => l2norm X (dim b) (fun k a => f (b, (k, a))))).
    2:{ intros b _. f_equal. apply matrix_ext; intros k a. unfold f, place_effect. cbn [fst snd].
        rewrite <- (lsum_mem m K) by easy. apply lsum_ext; intros j _. unfold rr. destruct (mem j K); ring. }
    eapply Rle_trans; [apply places_total|].
    assert (Hroot : sqrt (sq place_index place_weight f) <= 2 * sigma * (S / n) * sqrt (INR l)).
    { assert (Hq : 0 <= 2 * sigma * (S / n) * sqrt (INR l))
        by (apply Rmult_le_pos; [apply Rmult_le_pos; [lra | easy] | apply sqrt_pos]).
      rewrite <- (sqrt_pow2 _ Hq). apply sqrt_le_1_alt. eapply Rle_trans; [exact Hsq|].
      assert (Hpairs : \sum_(ji in T) (s (fst ji) * s (snd ji)) <= INR l * (S / n)^2).
      { rewrite <- HLT, <- lsum_const. apply lsum_le; intros ji Hji. destruct (pair_in T ji Hji) as [Hf Hg'].
        rewrite HT in Hf, Hg'. pose proof (Hspos (fst ji)). pose proof (Hspos (snd ji)).
        pose proof (Hshare _ Hf). pose proof (Hshare _ Hg'). nra. }
      apply Rle_trans with (4 * sigma^2 * (INR l * (S / n)^2)).
      - apply Rmult_le_compat_l; [nra | exact Hpairs].
      - right. rewrite !Rpow_mult_distr, pow2_sqrt by apply pos_INR. ring. }
    apply (Rmult_le_compat_l (sqrt (INR (length places)))) in Hroot; [|apply sqrt_pos].
    eapply Rle_trans; [exact Hroot|]. right. unfold Rdiv. ring.
Qed.
End Places.

(** * STREAM *)

Section Stream.
Variables (X : data) (m K : nat) (Bl : nat -> branch).

Definition stream_rescaled (P : stream_param) (r : nat -> R) : stream_param :=
  stream_make (fun j i => r j * sW P j i) (sV P) (sA P) (sU P) (sQ P).

Definition reader (P : stream_param) (b : option nat) : matrix := match b with None => sV P | Some h => sA P h end.
Definition reads (b : option nat) : nat := match b with None => outputs X | Some h => branch_in (Bl h) end.
Definition place_gain (lam : nat -> R) (b : option nat) : R := match b with None => 1 | Some h => lam h end.

(** R7: n blocks with Lambda > 0, listed in [live_blocks] *)
Theorem R7_stream sigma lam P l live_blocks : (2 * l <= m)%nat -> (0 < l)%nat -> moment X sigma ->
  stream_gain X m K Bl P lam -> NoDup live_blocks -> (forall h, In h live_blocks -> (h < K)%nat) ->
  (forall h, (h < K)%nat -> ~ In h live_blocks -> lam h = 0) ->
  let c := sqrt (1 + INR (length live_blocks)) in
  let D := 2 * c * sigma * stream_mass X m K Bl lam P * sqrt (INR l) / INR (m - 2 * l + 1) in
  exists J r, slots m l J /\ (forall j, In j J -> r j = 0) /\ (forall j, 0 <= r j) /\ forall t, 0 <= t <= 1 ->
    fnorm X (fun k a => stream X m K Bl (lin t P (stream_rescaled P r)) k a - stream X m K Bl P k a) <= D /\
    stream_mass X m K Bl lam (lin t P (stream_rescaled P r)) = stream_mass X m K Bl lam P.
Proof.
  intros Hlm Hl Hs Hgain HN HlK Hoff c D. pose proof Hgain as (_ & _ & _ & _ & _ & _ & Hlam0 & _).
  pose proof Hs as [Hs0 _]. set (places := None :: map Some live_blocks).
  set (z := stream_feature X P). set (len := fun j => enorm (seen X) (sW P j)).
  assert (Hg : forall b, In b places -> 0 <= place_gain lam b).
  { intros b [<-|Hb]; [simpl; lra|]. apply in_map_iff in Hb. destruct Hb as (h & <- & Hh). now apply Hlam0, HlK. }
  assert (Hz : forall j, pnorm X (fun k => z k j) <= sigma * len j).
  { intros j. eapply Rle_trans; [|apply (moment_norm X sigma Hs (sW P j))]. apply wnorm_mono; [apply weight_nonneg|].
    intros k _. unfold z, stream_feature. pose proof (L1b_lipschitz (dot X (sW P j) (input X k)) 0) as H.
    rewrite (relu_pos 0), !Rminus_0_r in H by lra. exact H. }
  (* a sum over all blocks is one over the live ones *)
  assert (Hsum : forall f : nat -> R, \sum_(h < K) (lam h * f h) = \sum_(h in live_blocks) (lam h * f h)).
  { intros f. rewrite (lsum_split K live_blocks (fun h => lam h * f h) HN HlK).
    rewrite (lsum_zero (seq 0 K)); [ring|]. intros h Hh. apply in_rng in Hh. destruct (mem h live_blocks) eqn:E; [easy|].
    apply mem_false in E. rewrite (Hoff h Hh E). ring. }
  assert (Emass : forall j, place_mass reads (reader P) (place_gain lam) places len j
    = enorm (seen X) (sW P j) * stream_out X K Bl lam P j).
  { intros j. unfold place_mass, len, stream_out, places. cbn [lsum]. rewrite lsum_map, Hsum. cbn [place_gain reads reader].
    ring. }
  destruct (place_pairs X m reads (reader P) (place_gain lam) places Hg z len sigma Hs0
    (fun j => enorm_nonneg _ _) Hz l Hlm Hl) as (J & r & HJ & H0 & Hr & HrS & Hmove).
  assert (ES : \sum_(j < m) (place_mass reads (reader P) (place_gain lam) places len j) = stream_mass X m K Bl lam P)
    by (apply lsum_ext; intros; apply Emass).
  rewrite ES in HrS, Hmove. assert (EL : INR (length places) = 1 + INR (length live_blocks))
    by (unfold places; cbn [length]; rewrite map_length, S_INR; ring).
  rewrite EL in Hmove. fold c in Hmove. fold D in Hmove.
  exists J, r. split; [easy|]. split; [easy|]. split; [easy|]. intros t Ht.
  set (P' := lin t P (stream_rescaled P r)). set (rt := fun j => 1 - t + t * r j).
  assert (Hrt : forall j, 0 <= rt j) by (intros j; unfold rt; specialize (Hr j); nra).
  assert (EW : forall j i, sW P' j i = rt j * sW P j i).
  { intros j i. change (sW P' j i) with ((1 - t) * sW P j i + t * (r j * sW P j i)). unfold rt. ring. }
  assert (EV : sV P' = sV P) by (apply matrix_ext; intros; unfold P', stream_rescaled; stream_entries; ring).
  assert (EA : forall h, sA P' h = sA P h)
    by (intros; apply matrix_ext; intros; unfold P', stream_rescaled; stream_entries; ring).
  assert (EU : forall h, sU P' h = sU P h)
    by (intros; apply matrix_ext; intros; unfold P', stream_rescaled; stream_entries; ring).
  assert (EQ : forall h, sQ P' h = sQ P h).
  { intros h. apply functional_extensionality; intros d. apply matrix_ext; intros.
    unfold P', stream_rescaled; stream_entries; ring. }
  assert (Ez : forall k j, stream_feature X P' k j = rt j * z k j).
  { intros k j. unfold z, stream_feature. rewrite (dot_ext X (sW P' j) (fun i => rt j * sW P j i)) by (intros; apply EW).
    rewrite dot_scal. now apply L1a_homogeneous. }
  split.
  - eapply Rle_trans; [apply (stream_move X m K Bl P P' lam Hgain EU EA EQ EV)|].
    assert (Eread : forall b, read_change X m Bl P P' (reader P b) (reads b) 0
      = t * l2norm X (reads b) (fun k a => \sum_(j < m) ((r j - 1) * (reader P b j a * z k j)))).
    { intros b. unfold read_change. rewrite <- l2norm_scal_pos by lra. f_equal. apply matrix_ext; intros k a.
      rewrite <- lsum_scal. apply lsum_ext; intros j _. cbn [state]. rewrite Ez. fold (z k j). unfold rt. ring. }
    pose proof (Eread None) as E0. cbn [reader reads] in E0. rewrite E0.
    rewrite (Hsum (fun h => read_change X m Bl P P' (sA P h) (branch_in (Bl h)) 0)).
    rewrite (lsum_ext live_blocks _ (fun h => t * l2norm X (reads (Some h)) (fun k a =>
      \sum_(j < m) ((r j - 1) * (place_gain lam (Some h) * (reader P (Some h) j a * z k j)))))).
    2:{ intros h Hh. pose proof (Eread (Some h)) as E1. cbn [reader reads] in E1. rewrite E1.
        rewrite <- Rmult_assoc, (Rmult_comm (lam h) t), Rmult_assoc. f_equal.
        rewrite <- l2norm_scal_pos by (now apply Hlam0, HlK). f_equal. apply matrix_ext; intros k a.
        rewrite <- lsum_scal. cbn [place_gain reader]. apply lsum_ext; intros; ring. }
    rewrite lsum_scal.
    assert (Htotal : l2norm X (outputs X) (fun k a => \sum_(j < m) ((r j - 1) * (sV P j a * z k j)))
      + \sum_(h in live_blocks) (l2norm X (reads (Some h)) (fun k a =>
          \sum_(j < m) ((r j - 1) * (place_gain lam (Some h) * (reader P (Some h) j a * z k j))))) <= D).
    { eapply Rle_trans; [right|exact Hmove]. unfold places. cbn [lsum]. rewrite lsum_map. f_equal.
      cbn [reads reader place_gain]. f_equal. apply matrix_ext; intros k a. apply lsum_ext; intros; ring. }
    assert (HD : 0 <= D).
    { eapply Rle_trans; [|exact Htotal]. apply Rplus_le_le_0_compat; [apply l2norm_nonneg|].
      apply lsum_nonneg; intros; apply l2norm_nonneg. }
    rewrite <- Rmult_plus_distr_l. apply Rle_trans with (t * D); [apply Rmult_le_compat_l; [lra | exact Htotal]|].
    assert (t * D <= 1 * D) by (apply Rmult_le_compat_r; lra). lra.
  - transitivity (\sum_(j < m) (rt j * (enorm (seen X) (sW P j) * stream_out X K Bl lam P j))).
    + apply lsum_ext; intros j _. rewrite (enorm_ext (seen X) (sW P' j) (fun i => rt j * sW P j i)) by (intros; apply EW).
      rewrite enorm_scal_pos by apply Hrt. unfold stream_out. rewrite EV.
      rewrite (lsum_ext (seq 0 K) (fun h => lam h * enorm (branch_in (Bl h)) (sA P' h j))
        (fun h => lam h * enorm (branch_in (Bl h)) (sA P h j))) by (intros; now rewrite EA). ring.
    + rewrite (lsum_ext (seq 0 m) _ (fun j => (1 - t) * (enorm (seen X) (sW P j) * stream_out X K Bl lam P j)
        + t * (r j * place_mass reads (reader P) (place_gain lam) places len j)))
        by (intros j _; rewrite Emass; unfold rt; ring).
      rewrite lsum_plus, !lsum_scal, HrS. unfold stream_mass. ring.
Qed.
End Stream.

(** * RESIDUAL, read as PARALLEL *)

Section Residual.
Variables (X : data) (m : nat) (B : branch).

Definition rescaled (P : param) (r : nat -> R) : param :=
  make (fun j i => r j * W P j i) (V P) (A P) (U P) (Q P).

Theorem R7_residual sigma lam P l : (2 * l <= m)%nat -> (0 < l)%nat -> moment X sigma ->
  branch_gain X B (as_parallel m P) lam ->
  let D := 2 * sqrt 2 * sigma * mass X m B lam P * sqrt (INR l) / INR (m - 2 * l + 1) in
  exists J r, slots m l J /\ (forall j, In j J -> r j = 0) /\ (forall j, 0 <= r j) /\ forall t, 0 <= t <= 1 ->
    close X (residual X m B) D P (lin t P (rescaled P r)) /\
    mass X m B lam (lin t P (rescaled P r)) = mass X m B lam P.
Proof.
  intros Hlm Hl Hs Hgain D. pose proof Hs as [Hs0 _]. pose proof (branch_gain_nonneg X B _ lam Hgain) as Hlam.
  set (dim := fun b : option nat => match b with None => outputs X | Some _ => branch_in B end).
  set (M := fun b : option nat => match b with None => V P | Some _ => A P end).
  set (g := fun b : option nat => match b with None => 1 | Some _ => lam end).
  set (places := [None; Some O]). set (z := feature X P). set (len := fun j => enorm (seen X) (W P j)).
  assert (Hg : forall b, In b places -> 0 <= g b) by (intros b [<-|[<-|[]]]; simpl; lra).
  assert (Hz : forall j, pnorm X (fun k => z k j) <= sigma * len j).
  { intros j. eapply Rle_trans; [|apply (moment_norm X sigma Hs (W P j))]. apply wnorm_mono; [apply weight_nonneg|].
    intros k _. unfold z, feature. pose proof (L1b_lipschitz (dot X (W P j) (input X k)) 0) as H.
    rewrite (relu_pos 0), !Rminus_0_r in H by lra. exact H. }
  assert (Emass : forall j, place_mass dim M g places len j = neuron_mass X B lam P j).
  { intros j. unfold place_mass, len, neuron_mass, places. cbn [lsum g dim M]. ring. }
  destruct (place_pairs X m dim M g places Hg z len sigma Hs0 (fun j => enorm_nonneg _ _) Hz l Hlm Hl)
    as (J & r & HJ & H0 & Hr & HrS & Hmove).
  assert (ES : \sum_(j < m) (place_mass dim M g places len j) = mass X m B lam P) by (apply lsum_ext; intros; apply Emass).
  rewrite ES in HrS, Hmove. replace (INR (length places)) with 2 in Hmove by (simpl; ring). fold D in Hmove.
  exists J, r. split; [easy|]. split; [easy|]. split; [easy|]. intros t Ht.
  set (P' := lin t P (rescaled P r)). set (rt := fun j => 1 - t + t * r j).
  assert (Hrt : forall j, 0 <= rt j) by (intros j; unfold rt; specialize (Hr j); nra).
  assert (EW : forall j i, W P' j i = rt j * W P j i).
  { intros j i. change (W P' j i) with ((1 - t) * W P j i + t * (r j * W P j i)). unfold rt. ring. }
  assert (EV : V P' = V P) by (apply matrix_ext; intros; unfold P', rescaled; entries; ring).
  assert (EA : A P' = A P) by (apply matrix_ext; intros; unfold P', rescaled; entries; ring).
  assert (EU : U P' = U P) by (apply matrix_ext; intros; unfold P', rescaled; entries; ring).
  assert (EQ : Q P' = Q P).
  { apply functional_extensionality; intros d. apply matrix_ext; intros; unfold P', rescaled; entries; ring. }
  assert (Ez : forall k j, feature X P' k j = rt j * z k j).
  { intros k j. unfold z, feature. rewrite (dot_ext X (W P' j) (fun i => rt j * W P j i)) by (intros; apply EW).
    rewrite dot_scal. now apply L1a_homogeneous. }
  assert (Ediff : forall (N : matrix) k a, \sum_(j < m) (N j a * feature X P' k j) - \sum_(j < m) (N j a * feature X P k j)
    = t * \sum_(j < m) ((r j - 1) * (N j a * z k j))).
  { intros N k a. rewrite <- lsum_minus, <- lsum_scal. apply lsum_ext; intros j _. rewrite Ez. fold (z k j).
    unfold rt. ring. }
  split.
  - unfold close. rewrite !residual_as_parallel.
    assert (EUp : U (as_parallel m P') = U (as_parallel m P)).
    { apply matrix_ext; intros c s. change (product m P' c s = product m P c s). unfold product. now rewrite EV, EU. }
    eapply Rle_trans; [apply (parallel_move X m B (as_parallel m P) (as_parallel m P') lam Hgain EUp EQ)|].
    replace (fun k c => skip X m (as_parallel m P') k c - skip X m (as_parallel m P) k c)
      with (fun k c => t * \sum_(j < m) ((r j - 1) * (V P j c * z k j))).
    2:{ apply matrix_ext; intros k c. rewrite <- (Ediff (V P)). unfold skip. change (V (as_parallel m P')) with (V P').
        change (V (as_parallel m P)) with (V P). now rewrite EV. }
    replace (fun k a => reading X m (as_parallel m P') k a - reading X m (as_parallel m P) k a)
      with (fun k a => t * \sum_(j < m) ((r j - 1) * (A P j a * z k j))).
    2:{ apply matrix_ext; intros k a. rewrite <- (Ediff (A P)). unfold reading. change (A (as_parallel m P')) with (A P').
        change (A (as_parallel m P)) with (A P). now rewrite EA. }
    rewrite !l2norm_scal_pos by lra.
    assert (Htotal : l2norm X (outputs X) (fun k c => \sum_(j < m) ((r j - 1) * (V P j c * z k j)))
      + lam * l2norm X (branch_in B) (fun k a => \sum_(j < m) ((r j - 1) * (A P j a * z k j))) <= D).
    { eapply Rle_trans; [right|exact Hmove]. unfold places. cbn [lsum dim M g]. rewrite Rplus_0_r. f_equal.
      - f_equal. apply matrix_ext; intros k a. apply lsum_ext; intros; ring.
      - rewrite <- l2norm_scal_pos by easy. f_equal. apply matrix_ext; intros k a. rewrite <- lsum_scal.
        apply lsum_ext; intros; ring. }
    assert (HD : 0 <= D).
    { eapply Rle_trans; [|exact Htotal]. apply Rplus_le_le_0_compat; [apply l2norm_nonneg|].
      apply Rmult_le_pos; [easy | apply l2norm_nonneg]. }
    apply Rle_trans with (t * D); [apply (Rmult_le_compat_l t) in Htotal; lra|].
    assert (t * D <= 1 * D) by (apply Rmult_le_compat_r; lra). lra.
  - transitivity (\sum_(j < m) (rt j * neuron_mass X B lam P j)).
    + apply lsum_ext; intros j _. unfold neuron_mass. rewrite EV, EA.
      rewrite (enorm_ext (seen X) (W P' j) (fun i => rt j * W P j i)) by (intros; apply EW).
      rewrite enorm_scal_pos by apply Hrt. ring.
    + rewrite (lsum_ext (seq 0 m) _ (fun j => (1 - t) * neuron_mass X B lam P j
        + t * (r j * place_mass dim M g places len j))) by (intros j _; rewrite Emass; unfold rt; ring).
      rewrite lsum_plus, !lsum_scal, HrS.
      transitivity ((1 - t) * mass X m B lam P + t * mass X m B lam P); [reflexivity | ring].
Qed.
End Residual.
